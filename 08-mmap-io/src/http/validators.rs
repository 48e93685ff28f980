//! What tells one version of a file from another: an entity tag and a time (RFC 9110, section 8.8).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::pages::Version;

/// The first second of the year 10000, which HTTP cannot write (RFC 9110, section 5.6.7).
const END_OF_TIME: u64 = 253_402_300_800;

/// The validators of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    /// The entity tag, in its quotes: inode, size, and the time of the last change of the inode in
    /// nanoseconds. So it also tells versions of one size within one second apart.
    pub etag: String,
    /// The time of the last change, in whole seconds. `None` if HTTP has no way to say it, or if it is
    /// still to come: such a time must not be sent (section 8.8.2.1).
    pub modified: Option<SystemTime>,
}

impl Validators {
    /// Those of `version`, as they are `now`.
    pub fn of(version: &Version, now: SystemTime) -> Self {
        let etag = format!(
            "\"{:x}-{:x}-{:x}\"",
            version.inode.1,
            version.size,
            nanoseconds(version.changed)
        );
        let seconds = u64::try_from(version.modified.0).ok();
        let modified = seconds.filter(|&seconds| seconds < END_OF_TIME);
        let modified = modified.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        Self {
            etag,
            modified: modified.filter(|&modified| modified <= now),
        }
    }
}

/// Nanoseconds since 1970, in 64 bits: they begin anew after 584 years.
fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> u64 {
    let whole = seconds.wrapping_mul(1_000_000_000);
    whole.wrapping_add(nanoseconds).cast_unsigned()
}
