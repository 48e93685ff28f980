//! Clocks in nanoseconds, cheap enough to read once per echo.

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
    let time = clock.now();
    time.map_or(0, |time| {
        time.tv_sec().unsigned_abs() * 1_000_000_000 + time.tv_nsec().unsigned_abs()
    })
}
