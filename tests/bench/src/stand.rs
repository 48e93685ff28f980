//! Servers with their idle clients, which take turns under a load.

use anyhow::{Context, ensure};
use suite::Server;

use crate::{Cores, Idle, Load, Measured, OnStep, Plan, rounds};

/// A server with its idle clients, which have a descriptor table of their own, so that there can be many stands at once.
#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) name: String,
    pub(crate) server: Server,
    idle: Option<Idle>,
}

impl Stand {
    /// Pins `server` to a core of its own if there are two, and connects `idle` clients, or fewer if descriptors run
    /// short.
    pub(crate) fn new(
        name: String,
        server: Server,
        idle: usize,
        cores: Option<Cores>,
    ) -> anyhow::Result<Self> {
        if let Some(cores) = cores {
            cores
                .assign(server.process())
                .with_context(|| name.clone())?;
        }
        let idle = (idle > 0).then(|| Idle::connect(server.address(), idle));
        let idle = idle.transpose().with_context(|| name.clone())?;
        Ok(Self { name, server, idle })
    }

    /// Returns how many idle clients the server has.
    pub(crate) fn idle(&self) -> usize {
        self.idle.as_ref().map_or(0, Idle::count)
    }
}

/// Connects the talking clients of `plan` to each stand, and has the stands take `count` turns each. Returns each
/// stand's turns.
pub(crate) fn measure(
    stands: &[Stand],
    plan: &Plan,
    count: usize,
    progress: OnStep,
) -> anyhow::Result<Vec<Vec<Measured>>> {
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
        ensure!(measured.server.is_some(), "{name}: its CPU time is unknown");
        Ok(measured)
    })
}

/// Returns the microseconds of the server's CPU time per echo in a turn of [`measure`], which knows it.
pub(crate) fn cost(turn: &Measured) -> f64 {
    turn.server_cost().unwrap_or(f64::NAN)
}
