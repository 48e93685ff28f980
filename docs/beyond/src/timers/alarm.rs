//! Time as a descriptor.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// A descriptor that becomes readable at a point in time (timerfd_create(2)): one more thing to wait for, as
/// a signal is since stage 5.
#[derive(Debug)]
pub struct Alarm {
    timer: TimerFd,
    at: Option<Instant>,
}

impl Alarm {
    /// Creates an alarm that is not set.
    ///
    /// # Errors
    ///
    /// Returns the errors of timerfd_create(2).
    pub fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        Ok(Self { timer, at: None })
    }

    /// Sets the alarm to `at`, or to never. Makes no system call if that is what it is set to. One that
    /// has gone off is silent again, so that nobody has to read it.
    ///
    /// # Errors
    ///
    /// Returns the errors of timerfd_settime(2).
    pub fn set(&mut self, at: Option<Instant>) -> io::Result<()> {
        if at == self.at {
            return Ok(());
        }
        match at {
            None => self.timer.unset()?,
            Some(at) => {
                // A time of zero would be never.
                let left = at.saturating_duration_since(Instant::now());
                let left = TimeSpec::from(left.max(Duration::from_nanos(1)));
                self.timer
                    .set(Expiration::OneShot(left), TimerSetTimeFlags::empty())?;
            }
        }
        self.at = at;
        Ok(())
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }
}
