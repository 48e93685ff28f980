//! `cargo lab matrix`: every stage against every fault, measured now.

mod expected;
mod faults;
mod heat;

use std::ffi::OsString;

use clap::Args;
use suite::Subject;
use suite::profile::STAGES;

use crate::Lab;
use crate::probes::{UNSEEN, foreign, found};
use crate::show::{Ending, Output, progress_bar};
use crate::world::{Receipt, Room, attempt, attempt_in_time, in_parallel, wanted};

pub use crate::probes::Found;
pub use expected::{Expectation, expected};
pub use faults::{FAULTS, Fault};
use heat::Matrix;

/// The arguments of `cargo lab matrix`.
#[derive(Debug, Args)]
pub(crate) struct MatrixOptions {
    /// Measure only these stages, 1 to 8
    #[arg(long = "stage", value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    #[arg(default_values_t = 1..=8_u8, hide_default_value = true)]
    stages: Vec<u8>,
    /// Measure only these faults: part of the first column, or of a fault's name
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// Show what is expected of the stages without measuring
    #[arg(long, conflicts_with = "command")]
    expected: bool,
    /// Measure your own server as another column: {addr}, {ip} and {port} stand for the address it must listen at
    #[arg(last = true, value_name = "CMD {addr}")]
    command: Vec<OsString>,
}

/// Measurements that run at the same time, because they mostly wait.
const JOBS: usize = 4;
/// The most connections that one of them has.
const CONNECTIONS: usize = 1_200;

/// Measures the faults and shows the map. Fails if a stage does not compile, or if no fault has that name.
pub(crate) fn run(
    lab: &Lab,
    options: MatrixOptions,
    output: &mut Output,
) -> anyhow::Result<Ending> {
    let names = |fault: &&Fault| [fault.name, fault.label];
    let all = FAULTS.iter().collect();
    let faults: Vec<&Fault> = wanted(all, &options.faults, names, "no fault is")?;
    if options.expected {
        output.show(&as_expected(&options.stages, &faults))?;
        return Ok(Ending::AsExpected);
    }
    let (columns, subjects) = columns(lab, options)?;
    let progress = progress_bar(faults.len() * subjects.len());
    let pairs = faults
        .iter()
        .flat_map(|fault| subjects.iter().map(move |to| (*fault, to.clone())));
    let cells = measure_all(pairs.collect(), || progress.inc(1));
    drop(progress);
    let matrix = Matrix::new(columns, &faults, cells);
    output.show(&matrix)?;
    Ok(matrix.is_complete().into())
}

/// Returns the map of what is expected of the stages.
fn as_expected(stages: &[u8], faults: &[&'static Fault]) -> Matrix {
    let mut cells = Vec::new();
    for fault in faults {
        let profiles = stages.iter().map(|stage| &STAGES[usize::from(*stage) - 1]);
        cells.extend(profiles.map(|profile| expected(profile, fault).found()));
    }
    let names = stages.iter().map(|stage| format!("{stage:02}"));
    Matrix::new(names.collect(), faults, cells)
}

/// Returns the column names and the servers.
fn columns(lab: &Lab, options: MatrixOptions) -> anyhow::Result<(Vec<String>, Vec<Subject>)> {
    let stages = options.stages.into_iter();
    let columns = stages.map(|stage| Ok((format!("{stage:02}"), lab.stage(stage)?)));
    let mut columns = columns.collect::<anyhow::Result<Vec<_>>>()?;
    if !options.command.is_empty() {
        let own = foreign(options.command)?;
        attempt(|| own.start())?;
        columns.push(("own".into(), own));
    }
    Ok(columns.into_iter().unzip())
}

/// Returns what a fault does to a server, measured now.
pub fn measure(subject: &Subject, fault: &Fault) -> Found {
    attempt_in_time(|| (fault.probe)(subject))
        .unwrap_or_else(|error| found(format!("{UNSEEN}: the lab could not see it: {error:#}")))
}

/// Returns each fault's effect on its server, in the order of the pairs.
fn measure_all(pairs: Vec<(&'static Fault, Subject)>, done: impl Fn()) -> Vec<Found> {
    let room = Room::for_connections("clients", JOBS * CONNECTIONS).given;
    let measure = |(fault, subject): (&Fault, Subject), receipt: Receipt<Found>| {
        receipt(measure(&subject, fault));
    };
    in_parallel(pairs, (room / CONNECTIONS).max(1), measure, |_| {
        done();
        true
    })
}
