//! `cargo lab class`: what a whole class has handed in, judged by the suite.

mod judging;
mod network;
mod submission;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use suite::slowness;

use crate::Lab;
use crate::check::{BOOK, ProfileRow, is_known};
use crate::show::{Document, Ending, Format, Line, Output, Tone, progress_bar};
use crate::world::{Receipt, in_parallel};
use judging::Court;
use submission::Submission;
use table::{Class, Learner};

/// The arguments of `cargo lab class`.
#[derive(Debug, Args)]
pub(crate) struct ClassOptions {
    /// Judge each as a stage, 01 to 08, as any, or as proxy [default: as what it looks like, never proxy]
    #[arg(long = "as", value_name = "ROW", value_parser = ProfileRow::parse)]
    row: Option<ProfileRow>,
    /// Write a page for each learner, and index.html, into this folder
    #[arg(long, value_name = "FOLDER")]
    pages: Option<PathBuf>,
    /// Link the pages to the book that is served here
    #[arg(long, value_name = "URL", default_value = BOOK)]
    book: String,
    /// Judge N submissions at the same time; only root can have more than one
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    jobs: u8,
    /// Wait S seconds for what should happen at once [default: 8, more on a slow machine]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=600))]
    patience: Option<u32>,
    /// Begin no further case of a submission after S seconds [default: 60, more on a slow machine]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3600))]
    within: Option<u32>,
    /// The folder with a folder for each learner
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Run the cases that have one of these parts in their names [default: all]
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
}

/// Judges all submissions of a class. Fails if there are none.
pub(crate) fn run(lab: &Lab, options: ClassOptions, output: &mut Output) -> anyhow::Result<Ending> {
    for part in &options.cases {
        ensure!(is_known(part), "no case has `{part}` in its name");
    }
    let submissions = submission::all(&options.folder)?;
    let users = judging::users(submissions.len())?;
    if let Some(pages) = &options.pages {
        fs::create_dir_all(pages).with_context(|| format!("cannot make {}", pages.display()))?;
    }
    let patience = options.patience.unwrap_or(8 * slowness());
    let within = options.within.unwrap_or(60 * slowness());
    let mut words = vec![
        format!("--patience={patience}"),
        format!("--within={within}"),
        format!("--book={}", options.book),
    ];
    words.extend(options.row.map(|row| format!("--as={}", row.name)));
    let court = Arc::new(Court {
        program: (&*lab.program()).into(),
        words,
        cases: options.cases,
        // The last cases may take eight times the patience, and the judge a little longer to give them up.
        limit: Duration::from_secs((within + 12 * patience).into()),
        has_networks: users.is_some() && network::can_be_had(),
        users,
        pages: options.pages,
    });
    let jobs = match court.users {
        Some(_) => usize::from(options.jobs),
        None => 1,
    };

    let progress = progress_bar(submissions.len());
    let tasks = submissions.iter().enumerate();
    let tasks = tasks.map(|(place, one)| (court.clone(), place, one.clone()));
    let learners = in_parallel(tasks.collect(), jobs, judge, |_| {
        progress.inc(1);
        true
    });
    drop(progress);
    let class = Class::of(learners, court.in_words());
    output.say(class.lines())?;
    output.keep(class.document());
    output.record("class", &class)?;
    if let Some(pages) = &court.pages {
        let index = pages.join("index.html");
        write_page(&index, class.document())?;
        let text = format!("\nThe pages are in {}", index.display());
        output.say(vec![Line::new(0, Tone::Plain, text)])?;
    }
    Ok(class.is_content().into())
}

type Task = (Arc<Court>, usize, Submission);

/// Judges one submission, and hands in what is to be said of it.
fn judge((court, place, submission): Task, receipt: Receipt<Learner>) {
    let mut learner = court.judge(place, &submission);
    if let Some(page) = court.page_of(place, &submission) {
        let name = page.file_name().unwrap_or_default();
        learner.page = name.to_string_lossy().into_owned();
        // Its judge has written one, if it has come to cases.
        if let Some(document) = learner.refused()
            && let Err(error) = write_page(&page, document)
        {
            learner.page = format!("{error:#}");
        }
    }
    receipt(learner);
}

fn write_page(path: &Path, document: Document) -> anyhow::Result<()> {
    let mut page = Output::new(Format::Json, None);
    page.keep(document);
    fs::write(path, page.page()?).with_context(|| format!("cannot write {}", path.display()))
}
