//! The load on one server, which runs already.

use std::net::SocketAddr;

use serde::Serialize;
use suite::{Process, number};

use crate::{Cores, Load, Measured, OnStep, Pace, Plan, Restore};

/// A load that was asked for, and its measurement.
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
    /// Notes on all that had to be less than was asked for, or is not known, a line each.
    pub notes: Vec<String>,
    /// The measurement.
    pub measured: Measured,
}

/// The number of steps that [`measure`] reports.
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
    match Cores::two().zip(server) {
        Some((cores, server)) if is_pinned => cores.assign(server)?,
        None if is_pinned => {
            notes.push("Server and load share their cores: there is one, or no process.".into());
        }
        _ => {}
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
