//! How long clients may take, and one timer for all of them.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a client of files may take for each of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first byte of a request's head to its last one, however often a byte comes in between.
    pub head: Duration,
    /// Without a byte of the next request.
    pub idle: Duration,
    /// Without room in the socket for a byte more of an answer.
    pub stalled: Duration,
    /// To close its end, after the last answer.
    pub linger: Duration,
}

impl Default for Timeouts {
    /// 20 s, 75 s, 5 minutes and 10 s.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(300),
            linger: Duration::from_secs(10),
        }
    }
}

/// The shortest time between two expirations of a timer: each costs a look at all clients.
const SHORTEST: Duration = Duration::from_millis(100);

/// Expires no later than the first of many deadlines.
///
/// Each request puts off its client's deadline, and the timer does not follow: it may expire too early,
/// but never too late. Then all deadlines are looked at, and it is armed for the first of them again.
/// It wakes nobody while no client is there.
#[derive(Debug)]
pub struct Timer {
    at: Cell<Option<Instant>>,
    earliest: Cell<Instant>,
}

impl Timer {
    /// One that is not armed.
    pub fn new() -> Self {
        Self {
            at: Cell::new(None),
            earliest: Cell::new(Instant::now()),
        }
    }

    /// Has it expire at `deadline`, if not before.
    pub fn arm(&self, deadline: Instant) {
        let at = self.at.get().map_or(deadline, |at| at.min(deadline));
        self.at.set(Some(at));
    }

    /// How long until it expires, if it is armed.
    pub fn time_left(&self) -> Option<Duration> {
        let at = self.at.get()?.max(self.earliest.get());
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// Whether it has expired. It has to be armed again after that.
    pub fn has_expired(&self) -> bool {
        let expired = self.time_left().is_some_and(|left| left.is_zero());
        if expired {
            self.at.set(None);
            self.earliest.set(Instant::now() + SHORTEST);
        }
        expired
    }
}

impl Default for Timer {
    fn default() -> Self {
        Self::new()
    }
}
