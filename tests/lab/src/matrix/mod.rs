//! `cargo lab matrix`: every stage against every fault, measured now.

mod faults;
mod heat;
mod probes;

use std::ffi::OsString;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;

use anyhow::ensure;
use clap::Args;
use suite::Subject;

use crate::Lab;
use crate::check::foreign;
use crate::show::{Ending, Output, Progress, Tone};
use crate::world::{Room, attempt, attempt_in_time};

pub use faults::{FAULTS, Fault};
use heat::{Column, Matrix};
pub use probes::Found;

/// What can be asked of it.
#[derive(Debug, Args)]
pub struct Options {
    /// These stages only, 1 to 8
    #[arg(long = "stage", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    stages: Vec<u8>,
    /// These faults only: a part of what stands in the first column, or of its name
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// A server of your own, as a further column: {addr}, {ip} and {port} stand for where it is to listen
    #[arg(last = true, value_name = "CMD {addr}")]
    command: Vec<OsString>,
}

/// Measurements that run at the same time: they wait most of the time.
const JOBS: usize = 4;
/// Connections that one of them has, at most.
const CONNECTIONS: usize = 1_200;

/// Measures, and shows the map.
///
/// # Errors
///
/// If a stage does not compile, or no fault is of that name.
pub fn run(lab: &Lab, options: Options, output: &mut Output) -> anyhow::Result<Ending> {
    let faults = wanted(&options.faults)?;
    let columns = columns(lab, &options)?;
    let subjects: Vec<&Subject> = columns.iter().map(|(_, subject)| subject).collect();
    let progress = Progress::new(faults.len() * subjects.len());
    let cells = measure_all(&subjects, &faults, || progress.done());
    drop(progress);
    let names = columns.iter().map(|(name, _)| name.clone());
    let matrix = Matrix::new(names.map(Column::new).collect(), &faults, cells);
    output.show(&matrix)?;
    Ok(matrix.is_complete().into())
}

fn wanted(names: &[String]) -> anyhow::Result<Vec<&'static Fault>> {
    let is = |fault: &Fault, name: &String| {
        fault.name.contains(name.as_str()) || fault.label.contains(name.as_str())
    };
    for name in names {
        let all: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
        let found = FAULTS.iter().any(|fault| is(fault, name));
        ensure!(
            found,
            "no fault is called {name}; there are {}",
            all.join(", ")
        );
    }
    let wanted = |fault: &&Fault| names.is_empty() || names.iter().any(|name| is(fault, name));
    Ok(FAULTS.iter().filter(wanted).collect())
}

/// The servers, each with what stands above its column.
fn columns(lab: &Lab, options: &Options) -> anyhow::Result<Vec<(String, Subject)>> {
    let stages = match options.stages.as_slice() {
        [] => (1..=8).collect(),
        stages => stages.to_vec(),
    };
    let mut columns = Vec::new();
    for stage in stages {
        columns.push((format!("{stage:02}"), lab.stage(stage)?));
    }
    if !options.command.is_empty() {
        let own = foreign(options.command.clone())?;
        attempt(|| own.start())?;
        columns.push(("own".into(), own));
    }
    Ok(columns)
}

/// What a fault does to a server, seen just now.
pub fn measure(subject: &Subject, fault: &Fault) -> Found {
    attempt_in_time(|| (fault.probe)(subject)).unwrap_or_else(|error| {
        Found::new("?", Tone::Bad, format!("it could not be seen: {error:#}"))
    })
}

/// Every fault on every server: a row for each fault.
fn measure_all(subjects: &[&Subject], faults: &[&Fault], done: impl Fn()) -> Vec<Vec<Found>> {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let total = subjects.len() * faults.len();
    thread::scope(|scope| {
        let room = Room::for_connections("clients", JOBS * CONNECTIONS).given;
        for sender in std::iter::repeat_n(sender, (room / CONNECTIONS).max(1)) {
            let next = &next;
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    if at >= total {
                        return;
                    }
                    let (fault, subject) =
                        (faults[at / subjects.len()], subjects[at % subjects.len()]);
                    // It fails if nobody wants to know any more.
                    let _ = sender.send((at, measure(subject, fault)));
                }
            });
        }
        let mut found: Vec<(usize, Found)> = results.iter().inspect(|_| done()).collect();
        found.sort_by_key(|(at, _)| *at);
        let mut cells = found.into_iter().map(|(_, found)| found);
        let row = |_| cells.by_ref().take(subjects.len()).collect();
        (0..faults.len()).map(row).collect()
    })
}
