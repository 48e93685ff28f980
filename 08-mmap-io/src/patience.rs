//! How long clients may take, and one alarm for all of them.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a client of files may take for each of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte of a request's head to its last one, however often a byte comes in between.
    pub head: Duration,
    /// Without a byte of the next request.
    pub idle: Duration,
    /// Without taking a byte of an answer.
    pub stalled: Duration,
    /// To close its end, after the last answer.
    pub linger: Duration,
}

impl Default for Patience {
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

/// The shortest time between two rings of an alarm: each costs a look at all clients.
const SHORTEST: Duration = Duration::from_millis(100);

/// Rings no later than the first of many deadlines.
///
/// Each request puts off its client's deadline, and the alarm does not follow: it may ring too early,
/// but never too late. When it rings, all deadlines are looked at, and it is set for the first one
/// again. Nobody is woken by it while no client is there.
#[derive(Debug)]
pub struct Alarm {
    at: Cell<Option<Instant>>,
    earliest: Cell<Instant>,
}

impl Alarm {
    /// One that is not set.
    pub fn new() -> Self {
        Self {
            at: Cell::new(None),
            earliest: Cell::new(Instant::now()),
        }
    }

    /// Has it ring at `deadline`, if not before.
    pub fn set(&self, deadline: Instant) {
        let at = self.at.get().map_or(deadline, |at| at.min(deadline));
        self.at.set(Some(at));
    }

    /// Whether `deadline` is yet to come; then it rings for that again.
    pub fn is_ahead(&self, deadline: Instant) -> bool {
        let ahead = Instant::now() < deadline;
        if ahead {
            self.set(deadline);
        }
        ahead
    }

    /// How long until it rings, if it is set.
    pub fn time_left(&self) -> Option<Duration> {
        let at = self.at.get()?.max(self.earliest.get());
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// Whether it rings now. It has to be set again after that.
    pub fn rings(&self) -> bool {
        let rings = self.time_left().is_some_and(|left| left.is_zero());
        if rings {
            self.at.set(None);
            self.earliest.set(Instant::now() + SHORTEST);
        }
        rings
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}
