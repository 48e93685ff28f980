//! Servers with their idle clients, which take turns under a load.

use anyhow::Context;
use suite::Server;

use crate::{Cores, Idle, Load, Measured, OnStep, Plan, Programs, rounds};

/// A server with its idle clients, which are in a process of their own: so there can be many stands at once.
#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) name: String,
    pub(crate) server: Server,
    idle: Option<Idle>,
}

impl Stand {
    /// Puts `server` on a core of its own if there are two, and connects `idle` clients; fewer if there are
    /// not enough descriptors.
    pub(crate) fn new(
        name: String,
        server: Server,
        idle: usize,
        programs: &dyn Programs,
        cores: Option<Cores>,
    ) -> anyhow::Result<Self> {
        if let Some(cores) = cores {
            cores
                .assign(server.process())
                .with_context(|| name.clone())?;
        }
        let idle = (idle > 0).then(|| programs.idle(server.address(), idle));
        let idle = idle.transpose().with_context(|| name.clone())?;
        Ok(Self { name, server, idle })
    }

    /// Returns how many idle clients it has.
    pub(crate) fn idle(&self) -> usize {
        self.idle.as_ref().map_or(0, Idle::count)
    }
}

/// Connects to each stand the clients of `plan` that talk, and has the stands take `count` turns each. Returns the
/// measurements of each stand, each with the microseconds of the server's CPU time for an echo.
pub(crate) fn measure(
    stands: &[Stand],
    plan: &Plan,
    count: usize,
    progress: OnStep,
) -> anyhow::Result<Vec<Vec<(Measured, f64)>>> {
    let loads = stands.iter().map(|Stand { name, server, .. }| {
        let plan = Plan {
            address: server.address(),
            server: Some(server.process()),
            idle: 0,
            ..plan.clone()
        };
        let load = Load::connect(plan).with_context(|| name.clone())?;
        Ok((name, load))
    });
    let mut loads = loads.collect::<anyhow::Result<Vec<_>>>()?;
    rounds(&mut loads, count, |(name, load)| {
        progress(name);
        let measured = load.measure()?;
        let cost = measured.server_cost();
        let cost = cost.with_context(|| format!("{name}: its CPU time is not known"))?;
        Ok((measured, cost))
    })
}
