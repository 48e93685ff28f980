//! `cargo lab scale`: what grows with the number of clients, and what does not.
//!
//! [`idle`] measures the stages; the other parts are published set-ups, whose curves stand beside one's own.
//! They are judged by slope and order: seconds are the machine's.

mod gammo;
mod idle;
mod libevent;
mod notifier;
mod stand;
mod study;
mod tlpi;
mod unp;

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::Lab;
use crate::load::{Cores, Restore};
use crate::show::{Ending, Output, Progress};
use crate::world::ensure_descriptors;

/// What can be asked of it.
#[derive(Debug, Args)]
pub struct Options {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
    /// Fewer rounds and fewer places on the curves
    #[arg(long)]
    quick: bool,
}

/// A part of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A wake-up and an echo beside idle clients, each model
    Echo,
    /// One of N descriptors is ready
    Tlpi,
    /// Bytes passed on along socket pairs
    Libevent,
    /// With and without idle connections
    Gammo,
    /// Short connections
    Unp,
}

/// How much is done.
#[derive(Debug)]
struct Scope {
    /// Numbers of idle clients, 0 first.
    levels: &'static [usize],
    /// Turns of each.
    rounds: usize,
    /// How long a turn is.
    turn: Duration,
    /// Where servers and loads run, if there are two cores.
    cores: Option<Cores>,
}

impl Scope {
    fn new(quick: bool) -> Self {
        let (levels, rounds): (&[usize], _) = match quick {
            true => (&[0, 100, 5_000], 7),
            false => (&[0, 10, 100, 1_000, 5_000, 19_000], 21),
        };
        Self {
            levels,
            rounds,
            turn: Duration::from_millis(30),
            cores: Cores::two(),
        }
    }
}

/// Descriptors that a part takes without any idle clients: up to six servers with 64 clients each.
const LEAST_DESCRIPTORS: u64 = 600;

/// Runs the command.
///
/// # Errors
///
/// If it cannot be done here.
pub fn run(lab: &Lab, options: Options, output: &mut Output) -> anyhow::Result<Ending> {
    ensure_descriptors(LEAST_DESCRIPTORS)?;
    let scope = Scope::new(options.quick);
    let parts = match options.only.as_slice() {
        [] => Part::value_variants(),
        some => some,
    };
    // Servers and loads are put on cores of their own.
    let _restore = Restore::later();
    let mut as_expected = true;
    for part in parts {
        let progress = Progress::new(part.steps());
        let study = match part {
            Part::Echo => idle::run(lab, &scope, &progress),
            Part::Tlpi => tlpi::run(&scope, &progress),
            Part::Libevent => libevent::run(&scope, &progress),
            Part::Gammo => gammo::run(lab, &scope, &progress),
            Part::Unp => unp::run(lab, &scope, &progress),
        }?;
        drop(progress);
        as_expected &= study.evidence.holds();
        output.show(&study)?;
    }
    Ok(as_expected.into())
}

impl Part {
    /// Steps of its progress bar.
    const fn steps(self) -> usize {
        match self {
            Self::Echo => 12,
            Self::Tlpi => 4,
            Self::Libevent => 6,
            Self::Gammo => 5,
            Self::Unp => 15,
        }
    }
}
