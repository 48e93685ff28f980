//! The load on one server that is already running.

use serde::Serialize;
use suite::{Process, number};

use crate::{Cores, Load, Measured, OnStep, Plan, Restore};

/// A load and its measurement.
#[derive(Debug, Serialize)]
pub struct LoadReport {
    /// The load, as far as the measurement does not say what became of it.
    #[serde(flatten)]
    pub plan: Plan,
    /// A line for each thing that had to be smaller than requested, or is unknown.
    pub notes: Vec<String>,
    /// The measurement.
    pub measured: Measured,
}

/// The number of steps that [`measure`] reports.
pub const STEPS: usize = 2;

/// Puts a load on the server that listens at the plan's address. Looks for its process if the plan does not name it.
/// When pinned, server and load get a core each.
///
/// # Errors
///
/// Fails if nothing listens there, if nothing answers, or if the server cannot be pinned to a core.
pub fn measure(mut plan: Plan, is_pinned: bool, progress: OnStep) -> anyhow::Result<LoadReport> {
    let mut notes: Vec<String> = plan.fit().iter().map(ToString::to_string).collect();
    let (address, seconds) = (plan.address, plan.duration.as_secs_f64());
    progress(&format!("{} clients", number(plan.idle + plan.active)));
    let mut load = Load::connect(plan.clone())?;
    // Only once it lets clients in: a moment ago it may not have been listening yet.
    let server = plan.server.or_else(|| Process::listening_at(address));
    match server {
        Some(server) => load.watch(server),
        None => notes.push(format!(
            "No process of yours listens at {address}, so its CPU time is unknown. Name it with --pid if it runs on this machine."
        )),
    }
    let _restore = Restore::later();
    match Cores::two().zip(server) {
        Some((cores, server)) if is_pinned => cores.assign(server)?,
        None if is_pinned => {
            notes.push("Server and load share their cores: there is only one core, or the server's process is unknown.".into());
        }
        _ => {}
    }
    progress(&format!("{seconds} s"));
    let measured = load.measure()?;
    Ok(LoadReport {
        plan,
        notes,
        measured,
    })
}
