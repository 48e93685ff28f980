//! The load on one server, which runs already.

use std::net::SocketAddr;

use serde::Serialize;
use suite::{Process, number};

use crate::{Cores, Load, Measured, OnStep, Pace, Plan, Restore};

/// What was asked for, and what came of it.
#[derive(Debug, Serialize)]
pub struct LoadReport {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Bytes of a message.
    pub size: usize,
    /// Messages that a client sends at a time.
    pub burst: usize,
    /// When a client sends.
    pub pace: Pace,
    /// What had to be less than was asked for, and what is not known, a line each.
    pub notes: Vec<String>,
    /// What the load has shown.
    pub measured: Measured,
}

/// The steps that [`measure`] tells of.
pub const STEPS: usize = 2;

/// Puts a load on the server that listens at the plan's address. If the plan does not name its process, it is looked
/// for. If it is to be pinned, server and load have a core each.
///
/// # Errors
///
/// If nobody listens there, or nobody answers, or the server cannot be put on a core.
pub fn measure(mut plan: Plan, is_pinned: bool, progress: OnStep) -> anyhow::Result<LoadReport> {
    let mut notes: Vec<String> = plan.fit().iter().map(ToString::to_string).collect();
    let Plan {
        address,
        size,
        burst,
        pace,
        ..
    } = plan;
    progress(&format!("{} clients", number(plan.idle + plan.active)));
    let (named, seconds) = (plan.server, plan.duration.as_secs_f64());
    let mut load = Load::connect(plan)?;
    // Not before it lets clients in: it may have been about to listen.
    let server = named.or_else(|| Process::listening_at(address));
    match server {
        Some(server) => load.watch(server),
        None => notes.push(format!(
            "The process that listens at {address} is not to be found, and so its CPU time: \
             is it this user's, on this machine? Its --pid helps."
        )),
    }
    let _restore = Restore::later();
    if is_pinned && !pin(server)? {
        notes.push("Server and load share their cores: there is one, or no process.".into());
    }
    progress(&format!("{seconds} s"));
    Ok(LoadReport {
        address,
        size,
        burst,
        pace,
        notes,
        measured: load.measure()?,
    })
}

/// Puts this thread and the server on a core each. Returns whether there are two, and a server.
fn pin(server: Option<Process>) -> anyhow::Result<bool> {
    match Cores::two().zip(server) {
        Some((cores, server)) => cores.assign(server).map(|()| true),
        None => Ok(false),
    }
}
