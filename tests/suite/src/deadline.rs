//! How long the suite waits before it takes something for never.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use nix::unistd::getppid;

/// How long anything may take that should happen at once. Only a server that is wrong takes so long. On a
/// [slow](slowness) machine it is more.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// The variable of the environment that says how many milliseconds [`DEADLINE`] is in a test process: a program that runs one
/// case after a save does not want to wait as long as a test of everything does.
pub const PATIENCE: &str = "SUITE_PATIENCE_MS";

/// The deadline that was set; 0 if none was.
static MILLISECONDS: AtomicU64 = AtomicU64::new(0);

/// The deadline that holds in this process: [`DEADLINE`], times the [`slowness`] of this machine, unless another one
/// was [set](set_deadline), here or by [`PATIENCE`].
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

/// Returns how many times longer than on a usual machine everything takes here: 1 on most, ten and more where the
/// processor is emulated. What counts is CPU time, so that a busy machine is not taken for a slow one.
pub fn slowness() -> u32 {
    static SLOWNESS: LazyLock<u32> = LazyLock::new(|| {
        let times = sample().as_secs_f64() / USUAL.as_secs_f64();
        (times as u32).clamp(1, 16)
    });
    *SLOWNESS
}

/// Four times what the [`sample`] takes on a usual machine, built without optimization.
const USUAL: Duration = Duration::from_millis(10);

/// Returns the CPU time of a little work: half of it system calls.
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

/// Sets the deadline for all that begins from now on: longer for a server that is slow by its nature, as under
/// a debugger; shorter for one that is known to hang. To drain may take a server two seconds.
pub fn set_deadline(deadline: Duration) {
    let milliseconds = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    MILLISECONDS.store(milliseconds.max(1), Relaxed);
}

/// Waits until `condition` holds.
///
/// # Panics
///
/// If it does not before the [`deadline`]: "waited 15 s for the server to end, but that did not happen", where `what` is
/// "the server to end".
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    assert!(
        holds_in_time(condition),
        "waited {} s for {what}, but that did not happen",
        deadline().as_secs()
    );
}

/// As [`eventually`]; a panic ends with what is the case `instead`: "waited 15 s for it to sleep; it is still running".
///
/// # Panics
///
/// If `condition` does not hold before the [`deadline`].
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
