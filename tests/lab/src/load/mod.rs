//! `cargo lab load`: a load generator on one thread, which compares every byte that comes back.
//!
//! A [`Plan`] says what load there is to be; [`Load`] connects its clients and measures; what it has shown is
//! [`Measured`].

mod client;
mod clock;
mod compare;
mod cores;
mod crowd;
mod generator;
mod holder;
mod measured;
mod options;
mod plan;
mod report;
mod server;
mod turn;

use std::net::SocketAddr;

use suite::Process;

use crate::Lab;
use crate::show::{Ending, Output, Progress, number};

pub(crate) use clock::own_time;
pub use cores::{Cores, Restore};
pub use generator::Load;
pub use holder::Holder;
pub(crate) use holder::SPECIMENS;
pub use measured::{Latency, Losses, Measured};
pub use options::Options;
pub use plan::{Pace, Plan};
pub use server::{listening_at, processor_time};

use report::Report;

/// Runs the command.
///
/// # Errors
///
/// If nobody listens there, or nobody answers.
pub fn run(lab: &Lab, options: Options, output: &mut Output) -> anyhow::Result<Ending> {
    cores::own_descriptors();
    let Some(address) = options.address else {
        let comparison = compare::compare(lab, &options)?;
        output.show(&comparison)?;
        return Ok(comparison.is_clean.into());
    };
    let (report, is_clean) = measure(address, &options)?;
    output.show(&report)?;
    Ok(is_clean.into())
}

/// Puts the load on the server that listens at `address`.
fn measure(address: SocketAddr, options: &Options) -> anyhow::Result<(Report, bool)> {
    let mut plan = options.plan(address, 5.0);
    let mut notes: Vec<String> = plan.fit().iter().map(ToString::to_string).collect();
    let progress = Progress::new(plan.duration.as_secs() as usize);
    let mut load = Load::connect(plan.clone(), &mut |clients| {
        progress.step(format!("{} clients", number(clients as u64)));
    })?;
    // Not before it lets clients in: it may have been about to listen.
    let server = options.pid.map(Process::new);
    let server = server.or_else(|| listening_at(address));
    match server {
        Some(server) => load.watch(server),
        None => notes.push(format!(
            "The process that listens at {address} is not to be found, and so its processor time: \
             is it this user's, on this machine? Its --pid helps."
        )),
    }
    let _restore = Restore::later();
    if options.pin {
        match (Cores::two(), server) {
            (Some(cores), Some(server)) => cores.assign(server)?,
            _ => {
                notes.push("Server and load share their cores: there is one, or no process.".into())
            }
        }
    }
    let measured = load.measure(&mut || progress.done())?;
    let is_clean = measured.is_clean();
    Ok((Report::new(&plan, notes, measured), is_clean))
}
