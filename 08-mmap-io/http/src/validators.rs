//! What tells one version of a file from another: an entity tag and a time (RFC 9110, section 8.8).
//!
//! The kernel stamps a file with the time of a clock that moves in steps, and a file system may keep less of
//! it. Two writes within one step leave the same time, so a validator that is made of it could name two
//! versions. It counts only when it has *settled*: when any write from now on leaves another time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::File;

/// The first second of the year 10000, which HTTP cannot write (RFC 9110, section 5.6.7).
const END_OF_TIME: u64 = 253_402_300_800;

/// How far the clock that files are stamped with is behind, at most: it moves with the timer's interrupt,
/// every 10 ms or more often (ktime_get_coarse_real_ts64 in kernel/time/timekeeping.c, CONFIG_HZ). Since
/// Linux 6.13 it moves for a file whose time somebody has looked at, on some file systems
/// (Documentation/filesystems/multigrain-ts.rst).
const TICK: i128 = 20_000_000;

/// The step of a time that is kept in whole seconds: FAT keeps the even ones.
const WHOLE_SECONDS: i128 = 2_000_000_000;

/// The validators of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Validators {
    /// The entity tag, in its quotes: inode, size, and the time of the inode's last change in
    /// nanoseconds. So two versions of one size within one second differ in it. Until it has settled, the
    /// time of the answer is a part of it, and no other answer has the same.
    pub(crate) etag: String,
    /// Whether the tag has settled. Before that it matches nothing.
    pub(crate) has_settled: bool,
    /// The time of the last write, in whole seconds. `None` if HTTP has no way to write it.
    pub(crate) modified: Option<SystemTime>,
    /// Whether that time has settled: both its second and the tag's step are over. Before that it is a weak
    /// validator (section 8.8.2.2), or even still to come (section 8.8.2.1), and is not sent.
    pub(crate) has_settled_time: bool,
}

impl Validators {
    /// Returns the validators of `file`, as they are `now`.
    pub(crate) fn of(file: &File, now: SystemTime) -> Self {
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_is = since_1970.as_nanos().cast_signed();
        let seconds = u64::try_from(file.modified).ok();
        let modified = seconds.filter(|&seconds| seconds < END_OF_TIME);
        let modified = modified.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        let has_settled = is_over(file.changed, now_is);
        let changed = nanoseconds(file.changed);
        let (inode, size) = (file.inode, file.size);
        let etag = if has_settled {
            format!("\"{inode:x}-{size:x}-{changed:x}\"")
        } else {
            format!("\"{inode:x}-{size:x}-{changed:x}-{now_is:x}\"")
        };
        Self {
            etag,
            has_settled,
            modified,
            has_settled_time: has_settled && is_over((file.modified, 0), now_is),
        }
    }
}

/// Returns whether the step that a time is in is over `now`, in nanoseconds since 1970. A time without
/// nanoseconds is taken for one of a file system that keeps none.
fn is_over((seconds, nanoseconds): (i64, i64), now: i128) -> bool {
    let step = if nanoseconds == 0 { WHOLE_SECONDS } else { 0 };
    let time = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    time + step + TICK <= now
}

/// Returns nanoseconds since 1970, in 64 bits: they start over after 584 years.
fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> u64 {
    let whole = seconds.wrapping_mul(1_000_000_000);
    whole.wrapping_add(nanoseconds).cast_unsigned()
}
