//! What tells one version of a file from another: an entity tag and a time (RFC 9110, section 8.8).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::File;

/// The first second of the year 10000, which HTTP cannot write (RFC 9110, section 5.6.7).
const END_OF_TIME: u64 = 253_402_300_800;

/// The validators of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Validators {
    /// The entity tag, in its quotes: inode, size, and the time of the inode's last change in
    /// nanoseconds. So two versions of one size within one second differ in it.
    pub(crate) etag: String,
    /// The time of the last write, in whole seconds. `None` if HTTP has no way to write it, or if it is
    /// still to come: a server must not send such a time (section 8.8.2.1).
    pub(crate) modified: Option<SystemTime>,
}

impl Validators {
    /// Returns the validators of `file`, as they are `now`.
    pub(crate) fn of(file: &File, now: SystemTime) -> Self {
        let changed = nanoseconds(file.changed);
        let seconds = u64::try_from(file.modified).ok();
        let modified = seconds.filter(|&seconds| seconds < END_OF_TIME);
        let modified = modified.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        Self {
            etag: format!("\"{:x}-{:x}-{changed:x}\"", file.inode, file.size),
            modified: modified.filter(|&modified| modified <= now),
        }
    }
}

/// Returns nanoseconds since 1970, in 64 bits: they begin anew after 584 years.
fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> u64 {
    let whole = seconds.wrapping_mul(1_000_000_000);
    whole.wrapping_add(nanoseconds).cast_unsigned()
}
