//! How long the suite waits before it decides that something will never happen.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use nix::unistd::getppid;

/// The time allowed for anything that should happen at once. Only a faulty server takes that long. A [slow](slowness)
/// machine gets more.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// The environment variable that sets [`DEADLINE`] in a test process, in milliseconds. A program that runs one case
/// after each save does not want to wait as long as a test of everything.
pub const PATIENCE: &str = "SUITE_PATIENCE_MS";

/// The deadline that was set, or 0.
static MILLISECONDS: AtomicU64 = AtomicU64::new(0);

/// Returns this process's deadline: [`DEADLINE`] times the [`slowness`] of this machine, unless another one was
/// [set](set_deadline), here or by [`PATIENCE`].
pub fn deadline() -> Duration {
    static FROM_OUTSIDE: LazyLock<Option<Duration>> = LazyLock::new(|| {
        let milliseconds = std::env::var(PATIENCE).ok()?.parse().ok()?;
        Some(Duration::from_millis(milliseconds))
    });
    match MILLISECONDS.load(Relaxed) {
        0 => FROM_OUTSIDE.unwrap_or_else(|| DEADLINE * slowness()),
        set => Duration::from_millis(set),
    }
}

/// Returns how many times longer everything takes here than on a usual machine: 1 on most, ten and more under
/// emulation. It goes by CPU time, so that a busy machine does not count as a slow one.
pub fn slowness() -> u32 {
    static SLOWNESS: LazyLock<u32> = LazyLock::new(|| {
        let times = sample().as_secs_f64() / USUAL.as_secs_f64();
        (times as u32).clamp(1, 16)
    });
    *SLOWNESS
}

/// Four times the [`sample`]'s time on a usual machine, built without optimization.
const USUAL: Duration = Duration::from_millis(10);

/// Returns the CPU time of a little work, half of it system calls.
fn sample() -> Duration {
    let used = || {
        let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
        time.map_or(Duration::ZERO, Duration::from)
    };
    let before = used();
    for number in 0..100_000_u32 {
        if number % 10 == 0 {
            black_box(getppid());
        }
        black_box(number.wrapping_mul(number));
    }
    used().saturating_sub(before)
}

/// Sets the deadline for everything that begins from now on: longer for a slow server, such as one under a debugger,
/// shorter for one that is known to hang. A drain may take two seconds.
pub fn set_deadline(deadline: Duration) {
    let milliseconds = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    MILLISECONDS.store(milliseconds.max(1), Relaxed);
}

/// Waits until `condition` holds.
///
/// # Panics
///
/// Panics if it does not before the [`deadline`]: "waited 15 s for the server to end, but that did not happen", where
/// `what` is "the server to end".
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    assert!(
        holds_in_time(condition),
        "waited {} s for {what}, but that did not happen",
        deadline().as_secs()
    );
}

/// Works like [`eventually`]; a panic ends with what is true `instead`: "waited 15 s for it to sleep; it is still
/// running".
///
/// # Panics
///
/// Panics if `condition` does not hold before the [`deadline`].
#[track_caller]
pub fn eventually_or(
    what: &str,
    condition: impl FnMut() -> bool,
    instead: impl FnOnce() -> String,
) {
    if !holds_in_time(condition) {
        panic!(
            "waited {} s for {what}; {}",
            deadline().as_secs(),
            instead()
        );
    }
}

/// Returns whether `condition` holds before the [`deadline`].
fn holds_in_time(mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + deadline();
    while !condition() {
        if Instant::now() >= end {
            return false;
        }
        // /proc has nothing to wait on.
        thread::sleep(Duration::from_millis(2));
    }
    true
}
