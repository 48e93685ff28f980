//! Studies of what grows with the number of clients, and what does not.
//!
//! [`echo`] measures the stages; the other studies are published set-ups, and their curves are drawn next to ours. They
//! are judged by slope and order, because seconds depend on the machine.

mod descriptors;
mod echo;
mod gammo;
mod libevent;
mod notifier;
mod shape;
mod studies;
mod tlpi;
mod unp;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;
use suite::{Room, number};

use crate::stand::{self, Stand};
use crate::{Cores, Curve, Fact, Figure, Measured, OnStep, Plan, StartStage};
pub use studies::STUDIES;

/// A set-up that is measured on its own.
#[derive(Debug, Serialize)]
pub struct Study {
    /// Its name.
    pub name: &'static str,
    /// A line about it.
    #[serde(skip)]
    pub line: &'static str,
    /// Its title, with the source that published it.
    pub title: &'static str,
    /// What is done, and how it is judged.
    pub about: &'static str,
    /// The number of steps that it reports.
    #[serde(skip)]
    pub steps: usize,
    /// Measures it, and calls the second argument with the name of each step. Pins servers and loads to cores of their
    /// own, so this thread ends up on another core.
    #[serde(skip)]
    pub run: fn(&Scope, OnStep) -> anyhow::Result<Findings>,
}

/// The findings of a study.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    /// Notes on what was made smaller, and on published orders that do not hold here.
    pub notes: Vec<String>,
    /// The curves.
    pub figures: Vec<Figure>,
    /// The properties of the curves, some of which are required.
    #[serde(skip)]
    pub facts: Vec<Fact>,
}

/// Clients that talk at the same time when an echo is measured.
const ACTIVE: usize = 64;
/// Idle clients that select has room for, next to those that talk, below descriptor 1,024.
const BELOW_1024: usize = 940;
/// Descriptors that a study needs without any idle clients: up to six servers with 64 clients each.
pub const LEAST_DESCRIPTORS: u64 = 600;

impl Findings {
    /// Returns how many fit, and notes it if they are fewer than wanted.
    fn fit(&mut self, room: Room) -> usize {
        self.notes
            .extend(room.is_reduced().then(|| room.to_string()));
        room.given
    }
}

/// The amount of work, and how a stage is started for it.
pub struct Scope<'a> {
    start: StartStage<'a>,
    /// Numbers of idle clients, 0 first.
    levels: &'static [usize],
    /// Turns of each.
    rounds: usize,
    /// The cores of servers and loads, if there are two.
    cores: Option<Cores>,
}

impl<'a> Scope<'a> {
    /// Returns the scope of studies of the stages that `start` starts. A `quick` one has fewer rounds and fewer places on the curves.
    pub fn new(start: StartStage<'a>, quick: bool) -> Self {
        let (levels, rounds): (&[usize], _) = if quick {
            (&[0, 100, 5_000], 7)
        } else {
            (&[0, 10, 100, 1_000, 5_000, 19_000], 21)
        };
        Self {
            start,
            levels,
            rounds,
            cores: Cores::two(),
        }
    }

    /// Starts a stage with `idle` clients, on a core of its own if there are two.
    fn stand(&self, (number, name): (u8, &str), idle: usize) -> anyhow::Result<Stand> {
        Stand::new(name.into(), (self.start)(number)?, idle, self.cores)
    }

    /// Has stands take turns, each with `active` clients that talk. Returns each stand's turns.
    fn turns(&self, stands: &[Stand], active: usize) -> anyhow::Result<Vec<Vec<Measured>>> {
        let plan = Plan {
            active,
            duration: Duration::from_millis(30),
            patience: Duration::from_secs(15),
            ..Plan::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        };
        let turns = stand::measure(stands, &plan, self.rounds, &|_| ())?;
        let lossy = turns.iter().flatten().find(|turn| !turn.is_clean());
        ensure!(lossy.is_none(), "bytes were lost or changed: {lossy:?}");
        Ok(turns)
    }
}

/// Returns where the order of published curves does not hold for ours, which come in the same sequence. Figures
/// published within 20 % of each other have no order.
fn disorders(own: &[Curve], published: &[Curve]) -> Vec<String> {
    const CLEAR: f64 = 1.2;
    let mut found = Vec::new();
    for (dear, dear_published) in own.iter().zip(published) {
        for (cheap, cheap_published) in own.iter().zip(published) {
            for (x, value) in &dear_published.points {
                let there = cheap_published.at(*x).map(|other| value / other);
                let here = dear.at(*x).zip(cheap.at(*x)).map(|(a, b)| a / b);
                if let Some((there @ CLEAR.., here @ ..1.0)) = there.zip(here) {
                    found.push(format!(
                        "At {} the published order does not hold here: {} takes {here:.2} of what {} \
                         takes; of {} it was {there:.2}.",
                        number(*x as u64),
                        dear.name,
                        cheap.name,
                        cheap_published.name
                    ));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_does_not_hold_is_found_where_it_was_clear() {
        let published = [
            Curve::published("a", &[(10.0, 1.0), (100.0, 9.0)]),
            Curve::published("b", &[(10.0, 1.1), (100.0, 3.0)]),
        ];
        let own = |last| {
            [
                Curve::own("a", vec![(10.0, 2.0), (100.0, last)]),
                Curve::own("b", vec![(10.0, 1.0), (100.0, 4.0)]),
            ]
        };
        assert!(disorders(&own(5.0), &published).is_empty());
        let found = disorders(&own(2.0), &published);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("a takes 0.50 of what b takes; of b it was 3.00"),
            "{found:?}"
        );
    }
}
