//! `cargo lab tour`: the whole course in a minute.

use crate::Lab;
use crate::chapters::CHAPTERS;
use crate::cli::Verdict;
use crate::lesson::{Seen, closing, opening};
use crate::show::{Output, Progress};

/// Runs the first step of every lesson, in order.
///
/// # Errors
///
/// If an experiment cannot be done here.
pub fn run(lab: &Lab, output: &mut Output) -> anyhow::Result<Verdict> {
    let mut as_expected = true;
    let progress = Progress::new(CHAPTERS.len());
    for chapter in &CHAPTERS {
        progress.step(chapter.lesson.title);
        output.print(opening(chapter))?;
        for step in chapter.lesson.steps.iter().take(1) {
            let seen = Seen::of(lab, step)?;
            as_expected &= seen.evidence.holds();
            output.print(seen.document())?;
            output.record("step", &seen)?;
        }
        output.print(closing(chapter))?;
        progress.done();
    }
    Ok(as_expected.into())
}
