//! `cargo lab hunt start`: makes the copy, and prints the ticket.

use std::fs;

use anyhow::Context;

use super::{Hunt, Kind, all, find, lay_out, workplace};
use crate::course::Course;
use crate::patch;
use crate::progress::{Progress, State};
use crate::talk::{Talk, Tone};

/// Begins the hunt `number`, or the next one. A hunt that is under way already goes on where it was.
///
/// # Errors
///
/// Returns the errors of the file system, and an error if the fault does not fit the stages as they are.
pub fn start(course: &Course, number: Option<&str>, talk: &mut Talk) -> anyhow::Result<bool> {
    let _lock = course.store.lock()?;
    let mut progress = Progress::read(&course.store)?;
    let number = match number {
        Some(number) => number.to_owned(),
        None => super::list::next(&all(course)?, &progress).context("every hunt is done")?,
    };
    let hunt = find(course, &number)?;
    let folder = workplace(course, &hunt.number);
    if !folder.is_dir() {
        // Under another name until it is complete: a copy that was broken off is begun again.
        let unfinished = folder.with_extension("unfinished");
        if unfinished.is_dir() {
            fs::remove_dir_all(&unfinished)?;
        }
        lay_out(course, &unfinished)?;
        let fault = Hunt::read_fault(course, &hunt.fault)?;
        patch::apply(&unfinished, &fault.patch, false).context(
            "the stages are not as the course has them: a task may be under way (`cargo lab task`)",
        )?;
        if let Kind::Case { template, .. } = &hunt.kind {
            let tests = hunt.folder(&unfinished)?.join("tests/hunt.rs");
            crate::store::replace(&tests, template)?;
        }
        fs::rename(&unfinished, &folder).with_context(|| folder.display().to_string())?;
    }
    let entry = progress.hunts.entry(hunt.number.clone()).or_default();
    if entry.state != State::Solved {
        entry.state = State::Open;
    }
    progress.last_hunt = Some(hunt.number.clone());
    progress.write(&course.store)?;
    show(course, &hunt, talk)?;
    Ok(true)
}

fn show(course: &Course, hunt: &Hunt, talk: &mut Talk) -> anyhow::Result<()> {
    let folder = workplace(course, &hunt.number);
    let stage = hunt.folder(&folder)?;
    talk.fact("hunt", hunt.number.as_str());
    talk.fact("folder", course.shown(&folder));
    talk.toned(
        Tone::Strong,
        format!(
            "Hunt {}: {} (level {}, {} minutes)",
            hunt.number, hunt.title, hunt.level, hunt.minutes
        ),
    );
    talk.gap();
    talk.text(&hunt.ticket);
    talk.gap();
    match &hunt.kind {
        Kind::Symptom { script, seen, .. } => {
            talk.toned(Tone::Plain, "The user's script (a few functions that it uses are in tests/practice/hunts/client.py):");
            talk.gap();
            talk.lines(Tone::Plain, script);
            talk.gap();
            talk.toned(Tone::Plain, "What it prints:");
            talk.gap();
            talk.lines(Tone::Plain, seen);
            talk.gap();
            talk.text(format!(
                "The server is in {}. Mend it there.",
                course.shown(&stage)
            ));
            talk.next("cargo lab hunt see", "runs the script against your copy");
            talk.next("cargo lab hunt hint", "if you are stuck");
        }
        Kind::Case { .. } => {
            let fault = Hunt::read_fault(course, &hunt.fault)?;
            talk.text(format!("The fault: {}", fault.what));
            talk.gap();
            talk.lines(Tone::Plain, fault.patch);
            talk.gap();
            talk.text(format!(
                "Write the case in {}.",
                course.shown(&stage.join("tests/hunt.rs"))
            ));
            talk.next("cargo lab hunt check", "judges your case");
            talk.next("cargo lab hunt hint", "if you are stuck");
        }
    }
    Ok(())
}
