//! `cargo lab load`: the door to the load generator of [`bench`].

mod options;
mod report;
mod side_by_side;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, ensure};
use bench::files::{self, FileComparison, STEPS, Tools};
use bench::{Idle, Programs, ServerComparison, hold_idle, own_descriptors};
use suite::{Server, Subject, profile};

use crate::Lab;
use crate::show::{Ending, Output, Progress};
use crate::world::interrupt::Folder;
use crate::world::{SpecimenMain, attempt};

pub use options::Options;

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
        let progress = Progress::new(bench::STEPS);
        let plan = options.plan(address, 5.0);
        let report = bench::measure(plan, options.pin, &|name| progress.next(name))?;
        drop(progress);
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
fn compare(lab: &Lab, options: &Options) -> anyhow::Result<ServerComparison> {
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

/// Starts a server: one of the course by its name, or a command with `{addr}` or `{port}` in it.
fn start(lab: &Lab, command: &[String]) -> anyhow::Result<Server> {
    ensure!(!command.is_empty(), "a server's command is empty");
    if let [name] = command
        && let Ok(server) = name.parse()
    {
        let subject = lab.server(server)?;
        return attempt(|| subject.start());
    }
    let subject = Subject {
        command: command.iter().map(Into::into).collect(),
        announces: false,
        profile: profile::ANY,
    };
    attempt(|| subject.start())
}
