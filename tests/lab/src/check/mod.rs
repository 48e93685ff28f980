//! `cargo lab check`: the echo suite on any server, in any language.

mod cases;
mod find;
mod judge;
mod report;
mod row;
mod traits;

use std::ffi::OsString;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use suite::{Profile, Subject, kill_descendants, set_deadline};

use crate::Lab;
use crate::probes::foreign;
use crate::show::{Ending, Output, Progress};
use report::{Begun, Judgement};
use row::ProfileRow;

/// The arguments of `cargo lab check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// What it is judged as: a stage, 01 to 08, any, or proxy; found by looking at it, if not given (never proxy)
    #[arg(long = "as", value_name = "ROW", value_parser = ProfileRow::parse)]
    row: Option<ProfileRow>,
    /// Cases that run at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    jobs: u8,
    /// Seconds after which something that should happen at once counts as never (a drain may take 2); 15, or
    /// more on a slow machine, if not given
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: Option<u64>,
    /// Parts of the names of cases; all cases, if there is none
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// The server: {addr}, {ip} and {port} stand for where it is to listen; for a proxy, {backend} for what it is to
    /// connect its clients to
    #[arg(last = true, required = true, value_name = "CMD {addr}")]
    command: Vec<OsString>,
}

/// Judges a server.
///
/// # Errors
///
/// If it does not start, or no case is asked for that exists.
pub fn run(_lab: &Lab, options: CheckOptions, output: &mut Output) -> anyhow::Result<Ending> {
    if let Some(seconds) = options.patience {
        set_deadline(Duration::from_secs(seconds));
    }
    let subject = foreign(options.command)?;
    let found = match options.row {
        Some(ProfileRow::Proxy) => find::look_at(&before_nobody(&subject)?, options.row)?,
        row => find::look_at(&subject, row)?,
    };
    let profile = match options.row {
        Some(row) => row.profile(),
        None => Profile {
            chapter: found.chapter,
            ..found.row.profile_for_any_language()
        },
    };
    let subject = Subject {
        announces: found.announces,
        profile,
        ..subject
    };
    let cases = cases::due(found.row, &subject.profile, &options.cases)?;
    let begun = Begun::new(&subject, found);
    output.print(begun.document())?;

    let progress = Progress::new(cases.len());
    let mut judged = Vec::new();
    let mut shown = Ok(());
    judge::all(&subject, &cases, usize::from(options.jobs), |case| {
        progress.done();
        shown = progress.aside(|| output.say(report::line(&case)));
        judged.push(case);
        shown.is_ok()
    });
    drop(progress);
    // A case that was given up may have left something.
    kill_descendants(Duration::from_secs(2));
    shown?;
    let report = Judgement::new(begun, judged);
    output.say(report.summary())?;
    output.keep(report.document());
    output.record("check", &report)?;
    Ok(report.all_passed().into())
}

/// A proxy, before an address where nobody listens.
fn before_nobody(proxy: &Subject) -> anyhow::Result<Subject> {
    ensure!(
        proxy.names("{backend}") || proxy.names("{backend-port}"),
        "the proxy has to be told what to connect its clients to: write {{backend}}, or {{backend-ip}} and {{backend-port}}, into its command"
    );
    Ok(proxy.before(suite::proxy::nobody()))
}
