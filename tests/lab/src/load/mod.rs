//! `cargo lab load`: the door to the load generator of [`bench`].

mod options;
mod report;
mod side_by_side;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, ensure};
use bench::files::{self, FileComparison, STEPS, Tools};
use bench::{
    Comparison, Cores, Idle, Load, Programs, Restore, hold_idle, listening_at, own_descriptors,
};
use suite::{Process, Server, Subject, profile};

use crate::Lab;
use crate::show::{Ending, Output, Progress, number};
use crate::world::interrupt::Folder;
use crate::world::{SpecimenMain, attempt};

pub use options::Options;
use report::LoadReport;

/// The programs of a measurement, by name.
pub(crate) const SPECIMENS: &[(&str, SpecimenMain)] = &[("idle", hold_idle)];

impl Programs for Lab {
    fn stage(&self, number: u8) -> anyhow::Result<Server> {
        self.start(number)
    }

    fn idle(&self, address: SocketAddr, wanted: usize) -> anyhow::Result<Idle> {
        let mut process = self.specimen("idle", &[&address.to_string(), &wanted.to_string()])?;
        let printed = process.hear()?;
        Idle::held_by(process, &printed)
    }
}

/// Runs the command.
///
/// # Errors
///
/// If nobody listens there, or nobody answers, or what is compared with is not installed.
pub fn run(lab: &Lab, options: Options, output: &mut Output) -> anyhow::Result<Ending> {
    own_descriptors();
    if let Some(address) = options.address {
        let report = measure(address, &options)?;
        output.show(&report)?;
        return Ok(report.measured.is_clean().into());
    }
    if options.files {
        let comparison = compare_files(lab, options.rounds.unwrap_or(5))?;
        output.show(&comparison)?;
        return Ok(comparison.complaints.is_empty().into());
    }
    let comparison = compare(lab, &options)?;
    output.show(&comparison)?;
    Ok(comparison.is_clean.into())
}

/// Starts the servers, and gives each its turns.
fn compare(lab: &Lab, options: &Options) -> anyhow::Result<Comparison> {
    let rounds = options.rounds.unwrap_or(9);
    let commands: Vec<&[String]> = options.servers.split(|word| word == "--").collect();
    let progress = Progress::new(commands.len() * (1 + rounds));
    let servers = commands.into_iter().map(|command| {
        let name = command.join(" ");
        progress.step(name.clone());
        let server = start(lab, command).with_context(|| name.clone())?;
        Ok((name, server))
    });
    let servers = servers.collect::<anyhow::Result<_>>()?;
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let plan = options.plan(nowhere, 0.3);
    bench::compare(servers, &plan, rounds, lab, &|name| progress.next(name))
}

/// Has stage 8 and nginx serve files, and gives each its turns.
fn compare_files(lab: &Lab, rounds: usize) -> anyhow::Result<FileComparison> {
    let tools = Tools::find()?;
    let subject = lab.stage(8)?;
    let folder = Folder::new()?;
    let progress = Progress::new(STEPS);
    let program = Path::new(&subject.command[0]);
    attempt(|| {
        files::compare(&tools, program, folder.path(), rounds, &|name| {
            progress.next(name);
        })
    })?
}

/// Starts a server: a stage by its number, or a command with `{addr}` or `{port}` in it.
fn start(lab: &Lab, command: &[String]) -> anyhow::Result<Server> {
    ensure!(!command.is_empty(), "a server's command is empty");
    if let [number] = command
        && let Ok(number @ 1..=8) = number.parse::<u8>()
    {
        return lab.start(number);
    }
    let subject = Subject {
        command: command.iter().map(Into::into).collect(),
        announces: false,
        profile: profile::ANY,
    };
    attempt(|| subject.start())
}

/// Puts the load on the server that listens at `address`.
fn measure(address: SocketAddr, options: &Options) -> anyhow::Result<LoadReport> {
    let mut plan = options.plan(address, 5.0);
    let mut notes: Vec<String> = plan.fit().iter().map(ToString::to_string).collect();
    let progress = Progress::new(2);
    progress.step(format!("{} clients", number(plan.idle + plan.active)));
    let mut load = Load::connect(plan.clone())?;
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
    progress.next(&format!("{} s", plan.duration.as_secs_f64()));
    let measured = load.measure()?;
    Ok(LoadReport {
        address,
        size: plan.size,
        burst: plan.burst,
        pace: plan.pace,
        notes,
        measured,
    })
}
