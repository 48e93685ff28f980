//! What grows with the number of clients, and what does not.
//!
//! [`echo`] measures the stages; the other parts are published set-ups, and their curves are drawn next to one's own.
//! They are judged by slope and order: seconds are the machine's.

mod echo;
mod gammo;
mod libevent;
mod notifier;
mod shape;
mod study;
mod tlpi;
mod unp;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::stand::Stand;
use crate::{Cores, OnStep, Plan, Programs, rounds};
pub use shape::Shape;
pub use study::Study;

/// A part, which is measured by itself.
pub struct ScalePart {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// How many steps it tells its progress of.
    pub steps: usize,
    run: Run,
}

/// All parts, in their order.
pub const PARTS: [ScalePart; 5] = [
    part(
        "echo",
        "A wake-up and an echo beside idle clients, each model",
        18,
        echo::run,
    ),
    part("tlpi", "One of N descriptors is ready", 4, tlpi::run),
    part(
        "libevent",
        "Bytes passed on along socket pairs",
        6,
        libevent::run,
    ),
    part("gammo", "With and without idle connections", 5, gammo::run),
    part("unp", "Short connections", 15, unp::run),
];

type Run = fn(&Scope, OnStep) -> anyhow::Result<Study>;

const fn part(name: &'static str, about: &'static str, steps: usize, run: Run) -> ScalePart {
    ScalePart {
        name,
        about,
        steps,
        run,
    }
}

/// Descriptors that a part takes without any idle clients: up to six servers with 64 clients each.
pub const LEAST_DESCRIPTORS: u64 = 600;

impl ScalePart {
    /// Measures it, and calls `progress` with a name at each step. Servers and loads are put on cores of their own,
    /// so this thread is on another core afterwards.
    ///
    /// # Errors
    ///
    /// If it cannot be done here.
    pub fn run(&self, scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
        (self.run)(scope, progress)
    }
}

/// How much is done, and with what.
pub struct Scope<'a> {
    programs: &'a dyn Programs,
    /// Numbers of idle clients, 0 first.
    levels: &'static [usize],
    /// Turns of each.
    rounds: usize,
    /// Where servers and loads run, if there are two cores.
    cores: Option<Cores>,
}

impl<'a> Scope<'a> {
    /// Returns what is done with `programs`: if it is to be `quick`, fewer rounds and fewer places on the curves.
    pub fn new(programs: &'a dyn Programs, quick: bool) -> Self {
        let (levels, rounds): (&[usize], _) = if quick {
            (&[0, 100, 5_000], 7)
        } else {
            (&[0, 10, 100, 1_000, 5_000, 19_000], 21)
        };
        Self {
            programs,
            levels,
            rounds,
            cores: Cores::two(),
        }
    }

    /// Starts stage `number`, on a core of its own if there are two, with so many idle clients.
    fn stand(&self, number: u8, idle: usize) -> anyhow::Result<Stand> {
        let server = self.programs.stage(number)?;
        Stand::new(server, idle, self.programs, self.cores)
    }

    /// Has stands take turns, each with `active` clients that talk. Returns for each its microseconds of CPU time for
    /// an echo, a round each.
    fn costs(&self, stands: &mut [Stand], active: usize) -> anyhow::Result<Vec<Vec<f64>>> {
        let plan = Plan {
            active,
            duration: Duration::from_millis(30),
            patience: Duration::from_secs(15),
            ..Plan::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        };
        for stand in stands.iter_mut() {
            stand.connect(&plan)?;
        }
        rounds(stands, self.rounds, |stand| {
            let measured = stand.measure()?;
            ensure!(
                measured.is_clean(),
                "not all came back as it was sent: {measured:?}"
            );
            let cost = measured.server_cost();
            cost.context("the server's CPU time is not known")
        })
    }
}
