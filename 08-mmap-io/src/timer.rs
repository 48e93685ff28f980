//! One timer for many deadlines.

use std::time::{Duration, Instant};

/// The shortest time between two expirations: each costs a look at all clients.
const SHORTEST: Duration = Duration::from_millis(100);

/// A timer that expires no later than the first of many deadlines.
///
/// Each request puts off its client's deadline, and the timer does not follow: it may expire too early,
/// but never too late. Then the loop looks at all deadlines, and arms it for the first of them again. It
/// wakes nobody while no client is there.
#[derive(Debug)]
pub(crate) struct Timer {
    at: Option<Instant>,
    earliest: Instant,
}

impl Timer {
    /// Creates a timer that is not armed.
    pub(crate) fn new() -> Self {
        Self {
            at: None,
            earliest: Instant::now(),
        }
    }

    /// Has the timer expire at `deadline`, if not before.
    pub(crate) fn arm(&mut self, deadline: Instant) {
        self.at = Some(self.at.map_or(deadline, |at| at.min(deadline)));
    }

    /// Forgets all deadlines.
    pub(crate) fn disarm(&mut self) {
        self.at = None;
        self.earliest = Instant::now() + SHORTEST;
    }

    /// Returns how long until the timer expires, if it is armed.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let at = self.at?.max(self.earliest);
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// Returns whether the timer has expired.
    pub(crate) fn has_expired(&self) -> bool {
        self.time_left().is_some_and(|left| left.is_zero())
    }
}
