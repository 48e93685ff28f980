//! How many descriptors the tests themselves may have open.

use std::sync::LazyLock;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The soft limit that most systems start a program with.
pub(crate) const USUAL_SOFT_LIMIT: u64 = 1024;

/// The hard limit, which this process has as its soft one, too, once it has asked for it.
static LIMIT: LazyLock<u64> = LazyLock::new(|| {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    }
});

/// Raises the soft limit to the hard one.
pub(crate) fn raise() {
    LazyLock::force(&LIMIT);
}

/// How many of `wanted` clients there is room for, beside what other tests have open at the same time.
/// Says so if it is fewer.
pub fn room_for(wanted: usize) -> usize {
    const OTHERS: usize = 3_000;
    let limit = usize::try_from(*LIMIT).unwrap_or(usize::MAX);
    let room = limit.saturating_sub(OTHERS).max(limit / 4).min(wanted);
    if room < wanted {
        eprintln!("{wanted} clients → {room}: the limit of descriptors is {limit}");
    }
    room
}
