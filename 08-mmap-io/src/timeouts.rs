//! How long clients may take.

use std::time::Duration;

/// How long a client of HTTP may take for each of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first byte of a request's head to its last one, however often a byte comes in between.
    pub head: Duration,
    /// Without a byte of the next request.
    pub idle: Duration,
    /// Without room in the socket for another byte of an answer.
    pub stalled: Duration,
    /// To close its end, after the last answer.
    pub linger: Duration,
}

impl Default for Timeouts {
    /// Returns 20 s, 75 s, 5 minutes and 10 s.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(300),
            linger: Duration::from_secs(10),
        }
    }
}
