//! Shrinks what does not fit on this machine, and says so.

use std::fmt;

use crate::{descriptor_limit, number};

/// Descriptors that a program needs besides those of its connections.
const RESERVE: u64 = 100;

/// How many of something fit.
#[derive(Clone, Debug)]
pub struct Room {
    /// Their name, in the plural.
    pub what: &'static str,
    /// How many were wanted.
    pub wanted: usize,
    /// How many there will be.
    pub given: usize,
}

impl Room {
    /// Returns the room for `wanted` connections, a descriptor each on either side.
    pub fn for_connections(what: &'static str, wanted: usize) -> Self {
        let room = descriptor_limit().saturating_sub(RESERVE);
        let room = room.max(RESERVE / 2);
        Self::within(what, wanted, usize::try_from(room).unwrap_or(usize::MAX))
    }

    /// Returns the room for `wanted`, of which at most `most` fit.
    pub fn within(what: &'static str, wanted: usize, most: usize) -> Self {
        let given = wanted.min(most);
        Self {
            what,
            wanted,
            given,
        }
    }

    /// Returns whether there is less than was wanted.
    pub const fn is_reduced(&self) -> bool {
        self.given < self.wanted
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} → {}: the descriptor limit is {}",
            self.what,
            number(self.wanted),
            number(self.given),
            number(descriptor_limit())
        )
    }
}
