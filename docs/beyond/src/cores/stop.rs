//! The end of several loops: one signal, and every loop has to learn of it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::sys::eventfd::{EfdFlags, EventFd};
use stage_05::{GRACE, LOOK};

/// Asks all loops to finish.
///
/// A signal is read from its descriptor once, by one thread, and is gone. A counter that nobody reads stays
/// readable, and so every loop that watches it is told (eventfd(2)).
#[derive(Debug)]
pub(super) struct Stop(EventFd);

impl Stop {
    /// Creates one that was not raised.
    ///
    /// # Errors
    ///
    /// Returns the errors of eventfd(2).
    pub(super) fn new() -> io::Result<Self> {
        let flags = EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC;
        Ok(Self(EventFd::from_flags(flags)?))
    }

    /// Returns a guard that asks all loops to finish when it is dropped: a loop that ends, by an error or by a
    /// panic, ends the others in good order.
    pub(super) const fn when_dropped(&self) -> Raise<'_> {
        Raise(self)
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// See [`Stop::when_dropped`].
#[derive(Debug)]
pub(super) struct Raise<'a>(&'a Stop);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        // Fails if the counter is full, and then it is readable.
        let _ = self.0.0.write(1);
    }
}

/// The drain of one loop, as stage 5's.
#[derive(Debug, Default)]
pub(super) struct Drain {
    deadline: Option<Instant>,
}

impl Drain {
    pub(super) fn begin(&mut self) {
        self.deadline = Some(Instant::now() + GRACE);
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.deadline.is_some()
    }

    /// Returns whether the loop should end: every client of its own has what it is owed, or time is up.
    pub(super) fn is_over(&self, no_clients_left: bool) -> bool {
        let is_up = |deadline| no_clients_left || Instant::now() >= deadline;
        self.deadline.is_some_and(is_up)
    }

    /// Returns how long the loop may sleep at most because of the drain.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|_| LOOK)
    }
}
