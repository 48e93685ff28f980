//! Clocks in nanoseconds, cheap enough to read once per echo.

use std::time::Duration;

use nix::time::ClockId;

/// Returns the time of the monotonic clock, without a system call (vdso(7)).
pub(super) fn now() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Returns the CPU time of this thread, to the nanosecond.
pub(crate) fn own_time() -> u64 {
    read(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// Returns a clock's time; every kernel has both.
fn read(clock: ClockId) -> u64 {
    let time = clock.now().map(Duration::from).unwrap_or_default();
    time.as_nanos() as u64
}
