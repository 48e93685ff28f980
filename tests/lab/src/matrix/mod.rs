//! `cargo lab matrix`: every stage against every fault, measured now.

mod expected;
mod faults;
mod heat;
mod probes;

use std::ffi::OsString;

use clap::Args;
use suite::Subject;
use suite::profile::STAGES;

use crate::Lab;
use crate::check::foreign;
use crate::show::{Ending, Output, Progress, Tone};
use crate::world::{Receipt, Room, attempt, attempt_in_time, in_parallel, wanted};

pub use expected::{Expectation, expected};
pub use faults::{FAULTS, Fault};
use heat::{Column, Matrix};
pub use probes::Found;

/// The arguments of `cargo lab matrix`.
#[derive(Debug, Args)]
pub struct MatrixOptions {
    /// These stages only, 1 to 8
    #[arg(long = "stage", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    stages: Vec<u8>,
    /// These faults only: a part of what stands in the first column, or of its name
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Show what is expected of the stages, and measure nothing
    #[arg(long, conflicts_with = "command")]
    expected: bool,
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
pub fn run(lab: &Lab, options: MatrixOptions, output: &mut Output) -> anyhow::Result<Ending> {
    let all = FAULTS.iter().collect();
    let faults = wanted(
        all,
        &options.faults,
        |fault| [fault.name, fault.label],
        "no fault is",
    )?;
    if options.expected {
        output.show(&as_expected(&options.stages(), &faults))?;
        return Ok(Ending::AsExpected);
    }
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

impl MatrixOptions {
    /// Returns the stages that are asked for.
    fn stages(&self) -> Vec<u8> {
        match self.stages.as_slice() {
            [] => (1..=8).collect(),
            stages => stages.to_vec(),
        }
    }
}

/// Returns the map of what is expected of the stages.
fn as_expected(stages: &[u8], faults: &[&'static Fault]) -> Matrix {
    let profiles = stages.iter().map(|stage| &STAGES[usize::from(*stage) - 1]);
    let row = |fault| {
        let cells = profiles.clone().map(|profile| expected(profile, fault));
        cells.map(Expectation::found).collect()
    };
    let names = stages.iter().map(|stage| format!("{stage:02}"));
    let cells = faults.iter().map(|fault| row(fault)).collect();
    Matrix::new(names.map(Column::new).collect(), faults, cells)
}

/// The servers, each with what stands above its column.
fn columns(lab: &Lab, options: &MatrixOptions) -> anyhow::Result<Vec<(String, Subject)>> {
    let mut columns = Vec::new();
    for stage in options.stages() {
        columns.push((format!("{stage:02}"), lab.stage(stage)?));
    }
    if !options.command.is_empty() {
        let own = foreign(options.command.clone())?;
        attempt(|| own.start())?;
        columns.push(("own".into(), own));
    }
    Ok(columns)
}

/// Returns what a fault does to a server, seen just now.
pub fn measure(subject: &Subject, fault: &Fault) -> Found {
    attempt_in_time(|| (fault.probe)(subject)).unwrap_or_else(|error| {
        Found::new("?", Tone::Bad, format!("it could not be seen: {error:#}"))
    })
}

/// Measures every fault on every server. Returns a row for each fault.
fn measure_all(
    subjects: &[&Subject],
    faults: &[&'static Fault],
    done: impl Fn(),
) -> Vec<Vec<Found>> {
    let room = Room::for_connections("clients", JOBS * CONNECTIONS).given;
    let cells = faults
        .iter()
        .flat_map(|fault| subjects.iter().map(|subject| (*fault, (*subject).clone())));
    let mut found: Vec<(usize, Found)> = Vec::new();
    let jobs = (room / CONNECTIONS).max(1);
    let measure = |(fault, subject): (&Fault, Subject), receipt: Receipt<Found>| {
        receipt.hand_in(measure(&subject, fault));
    };
    in_parallel(cells.collect(), jobs, measure, |place, cell| {
        done();
        found.push((place, cell));
        true
    });
    found.sort_by_key(|(place, _)| *place);
    let mut cells = found.into_iter().map(|(_, found)| found);
    let row = |_| cells.by_ref().take(subjects.len()).collect();
    (0..faults.len()).map(row).collect()
}
