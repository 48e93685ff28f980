//! Clocks, in nanoseconds: cheap enough to be read once an echo.

use nix::time::ClockId;

/// The monotonic clock, which needs no system call (vdso(7)).
pub(super) fn now() -> u64 {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Processor time that this thread has spent, to the nanosecond.
pub(crate) fn own_time() -> u64 {
    read(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// A clock's time; 0 if there is no such clock, as when the process is gone whose time it is.
pub(super) fn read(clock: ClockId) -> u64 {
    let time = clock.now();
    time.map_or(0, |time| {
        time.tv_sec().unsigned_abs() * 1_000_000_000 + time.tv_nsec().unsigned_abs()
    })
}
