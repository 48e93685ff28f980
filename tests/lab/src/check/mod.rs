//! `cargo lab check`: the echo suite on any server, in any language.

mod cases;
mod find;
mod judge;
mod report;
mod row;
mod traits;

use std::ffi::OsString;
use std::time::{Duration, Instant};

use clap::Args;
use suite::{Cell, Subject, kill_descendants, set_deadline};

use crate::Lab;
use crate::probes::foreign;
use crate::show::{Ending, Output, progress_bar};
pub(crate) use cases::is_known;
use report::Judgement;
pub(crate) use row::ProfileRow;

/// The arguments of `cargo lab check`.
#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// Judge it as a stage, 01 to 08, as any, or as proxy [default: as what it looks like, never proxy]
    #[arg(long = "as", value_name = "ROW", value_parser = ProfileRow::parse)]
    row: Option<ProfileRow>,
    /// Run N cases at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    jobs: u8,
    /// Wait S seconds for what should happen at once (a drain may take 2) [default: 15, more on a slow machine]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: Option<u64>,
    /// Begin no case when S seconds are over: for `class`, as what follows
    #[arg(long, value_name = "S", hide = true)]
    within: Option<u64>,
    /// Call it so on the page
    #[arg(long, hide = true)]
    title: Option<String>,
    /// Link the page to the book that is served here
    #[arg(long, hide = true, default_value = BOOK)]
    book: String,
    /// Start it in a cell: a folder, how many tasks, and a user
    #[arg(long, hide = true, num_args = 2..=3)]
    cell: Vec<String>,
    /// Run the cases that have one of these parts in their names [default: all]
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Start the server so: {addr}, {ip} and {port} stand for where it is to listen; for a proxy, {backend} for what
    /// it is to connect its clients to
    #[arg(last = true, required = true, value_name = "CMD {addr}")]
    command: Vec<OsString>,
}

/// Where the book is served (`cargo run -p book`).
pub(crate) const BOOK: &str = "http://127.0.0.1:8009/";
/// Why a case was not judged that there was no time left for.
pub(crate) const NO_TIME: &str = "there was no time left for it";

/// Judges a server. Fails if it does not start, or no case is asked for that exists.
pub(crate) fn run(
    _lab: &Lab,
    options: CheckOptions,
    output: &mut Output,
) -> anyhow::Result<Ending> {
    if let Some(seconds) = options.patience {
        set_deadline(Duration::from_secs(seconds));
    }
    if let [folder, tasks, user @ ..] = &options.cell[..] {
        let user = user.first().map(|user| user.parse());
        let cell = Cell {
            folder: folder.into(),
            user: user.transpose()?,
            tasks: tasks.parse()?,
        };
        cell.hold_all_servers();
    }
    let began = Instant::now();
    let is_in_time = || {
        let most = options.within.map(Duration::from_secs);
        most.is_none_or(|most| began.elapsed() < most)
    };
    let subject = foreign(options.command)?;
    let found = find::look_at(&subject, options.row)?;
    let cases = cases::due(&found.row, &options.cases)?;
    let subject = Subject {
        announces: found.announces,
        profile: found.row.profile,
        ..subject
    };
    let words = subject.command.iter().map(|word| word.to_string_lossy());
    let mut judgement = Judgement {
        title: options.title.unwrap_or_else(|| "A server".to_owned()),
        book: options.book,
        command: words.collect::<Vec<_>>().join(" "),
        judged_as: found.row.name,
        why: found.why,
        seen: found.seen,
        ..Judgement::default()
    };
    output.print(judgement.beginning())?;

    let progress = progress_bar(cases.len());
    let mut shown = Ok(());
    let judged = judge::judge_all(&subject, &cases, usize::from(options.jobs), |case| {
        progress.inc(1);
        shown = progress.suspend(|| output.say(report::lines(case)));
        shown.is_ok() && is_in_time()
    });
    judged.into_iter().for_each(|case| judgement.add(case));
    judgement.add_missing(&cases);
    drop(progress);
    // A case that was given up may have left something.
    kill_descendants(Duration::from_secs(2));
    shown?;
    output.say(judgement.summary())?;
    output.keep(judgement.document());
    output.record("check", &judgement)?;
    Ok((judgement.failed == 0).into())
}
