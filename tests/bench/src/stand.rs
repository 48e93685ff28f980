//! A server with its idle clients, and the load that it is measured with.

use anyhow::Context;
use suite::Server;

use crate::{Cores, Idle, Load, Measured, Plan, Programs};

/// A server with its idle clients, which are in a process of their own: so there can be many stands at once.
#[derive(Debug)]
pub(crate) struct Stand {
    server: Server,
    idle: Option<Idle>,
    load: Option<Load>,
}

impl Stand {
    /// Puts `server` on a core of its own if there are two, and connects `idle` clients; fewer if there are
    /// not enough descriptors.
    pub(crate) fn new(
        server: Server,
        idle: usize,
        programs: &dyn Programs,
        cores: Option<Cores>,
    ) -> anyhow::Result<Self> {
        if let Some(cores) = cores {
            cores.assign(server.process())?;
        }
        let idle = match idle {
            0 => None,
            idle => Some(programs.idle(server.address(), idle)?),
        };
        Ok(Self {
            server,
            idle,
            load: None,
        })
    }

    /// Returns the server.
    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    /// Returns how many idle clients it has.
    pub(crate) fn idle(&self) -> usize {
        self.idle.as_ref().map_or(0, Idle::count)
    }

    /// Connects the clients of `plan` that will talk, in place of those that have talked.
    pub(crate) fn connect(&mut self, plan: &Plan) -> anyhow::Result<()> {
        self.load = None;
        let plan = Plan {
            address: self.server.address(),
            server: Some(self.server.process()),
            idle: 0,
            ..plan.clone()
        };
        self.load = Some(Load::connect(plan)?);
        Ok(())
    }

    /// Measures for a turn.
    pub(crate) fn measure(&mut self) -> anyhow::Result<Measured> {
        let load = self.load.as_mut().context("nobody is connected")?;
        load.measure()
    }
}
