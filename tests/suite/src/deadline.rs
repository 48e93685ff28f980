//! How long the suite waits before it takes something for never.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that should happen at once. Only a server that is wrong takes so long.
pub const DEADLINE: Duration = Duration::from_secs(15);

static MILLISECONDS: AtomicU64 = AtomicU64::new(DEADLINE.as_millis() as u64);

/// The deadline that holds in this process: [`DEADLINE`], unless another one was [set](set_deadline).
pub fn deadline() -> Duration {
    Duration::from_millis(MILLISECONDS.load(Relaxed))
}

/// Sets the deadline for all that begins from now on: longer for a server that is slow by its nature, as under
/// a debugger; shorter for one that is known to hang. To drain may take a server two seconds.
pub fn set_deadline(deadline: Duration) {
    let milliseconds = u64::try_from(deadline.as_millis());
    MILLISECONDS.store(milliseconds.unwrap_or(u64::MAX), Relaxed);
}

/// Waits until `condition` holds.
///
/// # Panics
///
/// If it does not before the [`deadline`]: it names `what`.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = deadline();
    let end = Instant::now() + deadline;
    while !condition() {
        assert!(
            Instant::now() < end,
            "not within {} s: {what}",
            deadline.as_secs()
        );
        // /proc has nothing to wait on.
        thread::sleep(Duration::from_millis(2));
    }
}
