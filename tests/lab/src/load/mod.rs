//! `cargo lab load`: the door to the load generator of [`bench`].

mod comparison;
mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use bench::files::{self, FileComparison};
use bench::{Pace, Plan, ServerComparison, own_descriptors};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use suite::{Process, Server, Subject};

use crate::Lab;
use crate::show::{Ending, Output, next_step, progress_bar};
use crate::world::attempt;
use crate::world::interrupt::Folder;

/// The arguments of `cargo lab load`.
#[derive(Debug, Args)]
pub(crate) struct LoadOptions {
    /// Load the server that listens at this address: 127.0.0.1:7006 or [::1]:7006
    #[arg(required_unless_present_any = ["servers", "files"], conflicts_with_all = ["servers", "files"])]
    address: Option<SocketAddr>,
    /// Connect N clients that say nothing
    #[arg(long, value_name = "N", default_value_t = 0)]
    idle: usize,
    /// Have N clients talk
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one())]
    active: usize,
    /// Send messages of this size
    #[arg(long, value_name = "BYTES", default_value_t = 64, value_parser = at_least_one())]
    size: usize,
    /// Have each client send N messages at a time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one())]
    burst: usize,
    /// Send this many messages a second from all clients together, whether or not the server keeps up: an open loop.
    /// Without it a client waits for its echoes before it sends again
    #[arg(long, value_name = "PER_SECOND", value_parser = positive)]
    rate: Option<f64>,
    /// Send for S seconds [default: 5; 0.3 a turn when comparing servers]
    #[arg(long, value_name = "S", value_parser = positive)]
    seconds: Option<f64>,
    /// Name the server's process, in case its address does not lead to it
    #[arg(long)]
    pid: Option<i32>,
    /// Put server and load on a core each
    #[arg(long)]
    pin: bool,
    /// Compare stage 8 with nginx as file servers; needs nginx, wrk and two cores, and takes two minutes
    #[arg(long, conflicts_with = "servers")]
    files: bool,
    /// Give each compared server N turns [default: 9; 5 with --files]
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    rounds: Option<usize>,
    /// Start these servers and compare them in turns: `-- 06 -- reactor -- ./my-server {addr}`; a number is a stage, a
    /// name a program of the chapters after the course
    #[arg(last = true, value_name = "SERVER")]
    servers: Vec<String>,
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1_000_000_000)
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    match number > 0.0 && number <= 1e9 {
        true => Ok(number),
        false => Err("above 0, and 1,000,000,000 at most".into()),
    }
}

impl LoadOptions {
    /// Returns the load on the server at `address`, for `seconds` unless a time was given.
    fn plan(&self, address: SocketAddr, seconds: f64) -> Plan {
        Plan {
            idle: self.idle,
            active: self.active,
            size: self.size,
            burst: self.burst,
            pace: self.rate.map_or(Pace::Closed, Pace::Open),
            duration: Duration::from_secs_f64(self.seconds.unwrap_or(seconds)),
            server: self.pid.map(Process::new),
            ..Plan::new(address)
        }
    }
}

/// Runs the command. Fails if nothing listens there, if nothing answers, or if a program to compare with is not
/// installed.
pub(crate) fn run(lab: &Lab, options: LoadOptions, output: &mut Output) -> anyhow::Result<Ending> {
    own_descriptors();
    if let Some(address) = options.address {
        let progress = progress_bar(bench::STEPS);
        let plan = options.plan(address, 5.0);
        let report = bench::measure(plan, options.pin, &|name| next_step(&progress, name))?;
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

/// Starts the servers and gives each its turns.
fn compare(lab: &Lab, options: &LoadOptions) -> anyhow::Result<ServerComparison> {
    let rounds = options.rounds.unwrap_or(9);
    let commands: Vec<&[String]> = options.servers.split(|word| word == "--").collect();
    let progress = progress_bar(commands.len() * (1 + rounds));
    let servers = commands.into_iter().map(|command| {
        let name = command.join(" ");
        progress.set_message(name.clone());
        let server = start(lab, command).with_context(|| name.clone())?;
        Ok((name, server))
    });
    let servers = servers.collect::<anyhow::Result<_>>()?;
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let plan = options.plan(nowhere, 0.3);
    bench::compare(servers, &plan, rounds, &|name| next_step(&progress, name))
}

/// Has stage 8 and nginx serve files, each in its turns.
fn compare_files(lab: &Lab, rounds: usize) -> anyhow::Result<FileComparison> {
    let (nginx, wrk) = (files::find("nginx")?, files::find("wrk")?);
    let subject = lab.stage(8)?;
    let folder = Folder::new()?;
    let progress = progress_bar(files::STEPS);
    let next = |name: &str| next_step(&progress, name);
    let programs = [Path::new(&subject.command[0]), &nginx, &wrk];
    attempt(|| files::compare(programs, folder.path(), rounds, &next))?
}

/// Starts a server: one of the course by its name, or a command with `{addr}` or `{port}` in it.
fn start(lab: &Lab, command: &[String]) -> anyhow::Result<Server> {
    ensure!(!command.is_empty(), "a server's command is empty");
    let of_the_course = match command {
        [name] => name.parse().ok(),
        _ => None,
    };
    let subject = match of_the_course {
        Some(server) => lab.server(server)?,
        None => Subject::foreign(command.iter().map(Into::into).collect()),
    };
    attempt(|| subject.start())
}
