//! The evidence of an experiment: what was seen, next to what was expected.

use std::fmt::Display;

use serde::Serialize;
use suite::number;

use super::Experiment;
use crate::world::{Lab, Room, attempt};

/// The facts that an experiment has found, in the order of the experiment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Evidence {
    /// The facts, in order.
    pub facts: Vec<Fact>,
    /// Why the experiment ended before it had seen all, if it did.
    #[serde(skip)]
    pub failure: Option<String>,
}

/// A thing that was seen.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// The thing that was looked at, with its unit.
    pub what: String,
    /// The facts, in order.
    pub seen: String,
    /// The expectation; empty if it is only shown, as a time is.
    pub expected: String,
    /// Whether the one is as the other says.
    pub holds: bool,
}

/// The expectation of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This number.
    Exactly(u64),
    /// This number or more.
    AtLeast(u64),
    /// This number or less.
    AtMost(u64),
    /// From the first to the second, both included.
    Between(u64, u64),
}

impl From<u64> for Expected {
    fn from(number: u64) -> Self {
        Self::Exactly(number)
    }
}

impl Expected {
    const fn admits(self, count: u64) -> bool {
        match self {
            Self::Exactly(number) => count == number,
            Self::AtLeast(least) => count >= least,
            Self::AtMost(most) => count <= most,
            Self::Between(least, most) => least <= count && count <= most,
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::Exactly(count) => number(count),
            Self::AtLeast(least) => format!("≥ {}", number(least)),
            Self::AtMost(most) => format!("≤ {}", number(most)),
            Self::Between(least, most) => format!("{} … {}", number(least), number(most)),
        }
    }
}

impl Evidence {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does an experiment, and returns what it has seen: all of it, or what came before its failure.
    pub fn of(lab: &Lab, experiment: Experiment) -> Self {
        let mut evidence = Self::new();
        let done = attempt(|| experiment(lab, &mut evidence)).and_then(|done| done);
        evidence.failure = done.err().map(|error| format!("{error:#}"));
        evidence
    }

    /// A count, and what it has to be.
    pub fn count(&mut self, what: impl Display, seen: u64, expected: impl Into<Expected>) {
        let expected = expected.into();
        self.facts.push(Fact {
            what: what.to_string(),
            seen: number(seen),
            expected: expected.in_words(),
            holds: expected.admits(seen),
        });
    }

    /// Something with a name: an error, a signal, a word such as "served".
    pub fn outcome(&mut self, what: impl Display, seen: impl Display, expected: &str) {
        let seen = seen.to_string();
        self.facts.push(Fact {
            what: what.to_string(),
            holds: seen == expected,
            seen,
            expected: expected.to_owned(),
        });
    }

    /// A statement about what was measured, for shapes that are no single count: a slope, an order.
    /// `seen` are its figures, `expected` says when it holds.
    pub fn shape(&mut self, what: impl Display, seen: impl Display, expected: &str, holds: bool) {
        self.facts.push(Fact {
            what: what.to_string(),
            seen: seen.to_string(),
            expected: expected.to_owned(),
            holds,
        });
    }

    /// Something to know, which nothing depends on: a time, a size that differs between machines.
    pub fn aside(&mut self, what: impl Display, seen: impl Display) {
        self.shape(what, seen, "", true);
    }

    /// Returns how many of `wanted` connections there is room for, a descriptor each on either side. Notes it if they are
    /// fewer.
    pub fn room(&mut self, what: &'static str, wanted: usize) -> usize {
        let room = Room::for_connections(what, wanted);
        if room.is_reduced() {
            self.aside(&room, "");
        }
        room.given
    }

    /// Returns whether all is as expected. It is not if the experiment failed, or if nothing was expected of anything:
    /// that decides nothing.
    pub fn holds(&self) -> bool {
        let mut judged = self.facts.iter().filter(|fact| !fact.expected.is_empty());
        let all_hold = self.facts.iter().all(|fact| fact.holds);
        self.failure.is_none() && all_hold && judged.next().is_some()
    }
}
