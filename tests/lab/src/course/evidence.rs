//! The evidence of an experiment: findings next to expectations.

use std::fmt::Display;
use std::ops::{RangeFrom, RangeInclusive, RangeToInclusive};

pub use bench::Fact;
use serde::Serialize;
use suite::number;

use super::Experiment;
use crate::world::{Lab, Room, Specimen, attempt};

/// The facts that an experiment found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Evidence {
    /// The facts, in the order of the experiment.
    pub facts: Vec<Fact>,
    /// Why the experiment ended early, if it did.
    #[serde(skip)]
    pub failure: Option<String>,
}

/// A count, in any of the types that the kernel or the standard library uses.
pub trait Count: Copy + TryInto<u64> {
    /// Returns the number. A negative one, which is no count, becomes too large for any expectation.
    fn number(self) -> u64 {
        self.try_into().unwrap_or(u64::MAX)
    }
}

impl Count for u16 {}
impl Count for i32 {}
impl Count for u64 {}
impl Count for i64 {}
impl Count for usize {}

/// The expectation of a count: a number or a range, such as `20..`, `..=40` or `4..=200`.
pub trait Expected {
    /// Returns the least and the most that is expected.
    fn bounds(self) -> (u64, u64);
}

impl<T: Count> Expected for T {
    fn bounds(self) -> (u64, u64) {
        (self.number(), self.number())
    }
}

impl<T: Count> Expected for RangeInclusive<T> {
    fn bounds(self) -> (u64, u64) {
        (self.start().number(), self.end().number())
    }
}

impl<T: Count> Expected for RangeFrom<T> {
    fn bounds(self) -> (u64, u64) {
        (self.start.number(), u64::MAX)
    }
}

impl<T: Count> Expected for RangeToInclusive<T> {
    fn bounds(self) -> (u64, u64) {
        (0, self.end.number())
    }
}

impl Evidence {
    /// Runs an experiment and returns its findings: all of them, or those before its failure.
    pub fn of(lab: &Lab, experiment: Experiment) -> Self {
        let mut evidence = Self::default();
        let done = attempt(|| experiment(lab, &mut evidence)).and_then(|done| done);
        evidence.failure = done.err().map(|error| format!("{error:#}"));
        evidence
    }

    /// Notes a count and its expectation.
    pub fn count(&mut self, what: impl Display, seen: impl Count, expected: impl Expected) {
        let (seen, (least, most)) = (seen.number(), expected.bounds());
        let expected = match (least, most) {
            _ if least == most => number(least),
            (_, u64::MAX) => format!("≥ {}", number(least)),
            (0, _) => format!("≤ {}", number(most)),
            _ => format!("{} … {}", number(least), number(most)),
        };
        let holds = (least..=most).contains(&seen);
        self.shape(what, number(seen), &expected, holds);
    }

    /// Notes an outcome that has a name: an error, a signal, a word such as "served".
    pub fn outcome(&mut self, what: impl Display, seen: impl Display, expected: &str) {
        let seen = seen.to_string();
        let holds = seen == expected;
        self.shape(what, seen, expected, holds);
    }

    /// Notes the specimen's next lines, each as an outcome.
    pub(crate) fn hear(
        &mut self,
        specimen: &mut Specimen,
        lines: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        for (what, expected) in lines {
            self.outcome(what, specimen.hear()?, expected);
        }
        Ok(())
    }

    /// Notes a statement about a measurement that is no single count, such as a slope or an order. `seen` has its
    /// figures, `expected` says when it holds.
    pub fn shape(&mut self, what: impl Display, seen: impl Display, expected: &str, holds: bool) {
        self.facts.push(Fact {
            what: what.to_string(),
            seen: seen.to_string(),
            expected: expected.to_owned(),
            holds,
        });
    }

    /// Notes something worth knowing that nothing depends on: a time, or a size that differs between machines.
    pub fn aside(&mut self, what: impl Display, seen: impl Display) {
        self.shape(what, seen, "", true);
    }

    /// Notes something worth knowing that the kernel may not show.
    pub(crate) fn observed(&mut self, what: impl Display, seen: Option<impl Display>) {
        let unseen = || "cannot observe".to_owned();
        self.aside(what, seen.map_or_else(unseen, |seen| seen.to_string()));
    }

    /// Returns how many of `wanted` connections fit, with a descriptor each on either side. Notes it if they are fewer.
    pub fn room(&mut self, what: &'static str, wanted: usize) -> usize {
        let room = Room::for_connections(what, wanted);
        if room.is_reduced() {
            self.aside(&room, "");
        }
        room.given
    }

    /// Returns whether everything is as expected. It is not if the experiment failed, or if it expected nothing: that
    /// would decide nothing.
    pub fn holds(&self) -> bool {
        let mut judged = self.facts.iter().filter(|fact| !fact.expected.is_empty());
        let all_hold = self.facts.iter().all(|fact| fact.holds);
        self.failure.is_none() && all_hold && judged.next().is_some()
    }
}
