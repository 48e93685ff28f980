//! A stage with idle clients, and the load that it is measured with.

use std::time::Duration;

use anyhow::{Context, ensure};
use suite::Server;

use super::Scope;
use crate::Lab;
use crate::load::{Holder, Load, Plan};

/// Bytes of a message.
const SIZE: usize = 64;

/// A server with its idle clients. They are in a process of their own, so that there can be many stands at
/// once.
#[derive(Debug)]
pub(super) struct Stand {
    server: Server,
    idle: Option<Holder>,
    load: Option<Load>,
}

impl Stand {
    /// Starts stage `number`, on a core of its own if there are two, with so many idle clients; fewer if there
    /// are not descriptors enough.
    pub(super) fn start(lab: &Lab, number: u8, idle: usize, scope: &Scope) -> anyhow::Result<Self> {
        let server = start(lab, number, scope)?;
        let idle = match idle {
            0 => None,
            idle => Some(Holder::start(lab, server.address(), idle)?),
        };
        Ok(Self {
            server,
            idle,
            load: None,
        })
    }

    /// How many idle clients it has.
    pub(super) fn idle(&self) -> usize {
        self.idle.as_ref().map_or(0, Holder::count)
    }

    /// Connects so many clients that will talk, in place of those that have talked.
    pub(super) fn connect(&mut self, active: usize, scope: &Scope) -> anyhow::Result<()> {
        self.load = None;
        let plan = Plan {
            active,
            size: SIZE,
            duration: scope.turn,
            patience: Duration::from_secs(15),
            server: Some(self.server.process()),
            ..Plan::new(self.server.address())
        };
        self.load = Some(Load::connect(plan, &mut |_| ())?);
        Ok(())
    }

    /// Microseconds of the server's processor time for an echo, in a turn.
    pub(super) fn turn(&mut self) -> anyhow::Result<f64> {
        let load = self.load.as_mut().context("nobody is connected")?;
        let measured = load.measure(&mut || ())?;
        ensure!(
            measured.is_clean(),
            "not all came back as it was sent: {measured:?}"
        );
        let cost = measured.server_cost();
        cost.context("the server's processor time is not known")
    }
}

/// Starts stage `number`, on a core of its own if there are two.
pub(super) fn start(lab: &Lab, number: u8, scope: &Scope) -> anyhow::Result<Server> {
    let server = lab.start(number)?;
    if let Some(cores) = scope.cores {
        cores.assign(server.process())?;
    }
    Ok(server)
}

/// Has stands take turns, so that what comes and goes on the machine meets all of them. Gives for each its
/// figures, a round each.
pub(super) fn rounds(stands: &mut [Stand], scope: &Scope) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut costs = vec![Vec::new(); stands.len()];
    for round in 0..scope.rounds {
        for turn in 0..stands.len() {
            let number = (round + turn) % stands.len();
            costs[number].push(stands[number].turn()?);
        }
    }
    Ok(costs)
}
