//! `cargo lab hunt start`: makes the copy, and prints the ticket.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::{Hunt, Kind, PATCH, all, find, lay_out, workplace};
use crate::course::Course;
use crate::patch;
use crate::progress::{Progress, State};
use crate::store::{create_folder, replace};
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
    let is_new = !folder.is_dir();
    if is_new {
        // Under another name until it is complete: a copy that was broken off is begun again.
        let unfinished = folder.with_extension("unfinished");
        if unfinished.is_dir() {
            fs::remove_dir_all(&unfinished)?;
        }
        lay_out(course, &unfinished)?;
        let fault = Hunt::read_fault(course, &hunt.fault)?;
        patch::apply(&unfinished, &fault.patch, false).with_context(|| {
            format!(
                "the sources of {} are not the course's any more: `git status` shows which were changed",
                hunt.package()
            )
        })?;
        if let Kind::Case { template, .. } = &hunt.kind {
            let tests = hunt.folder(&unfinished)?.join("tests/hunt.rs");
            replace(&tests, template)?;
        }
        // What is built there is built where all the rest is.
        let settings = unfinished.join(".cargo/config.toml");
        create_folder(&unfinished.join(".cargo"))?;
        replace(&settings, "[build]\ntarget-dir = \"../../../target\"\n")?;
        fs::rename(&unfinished, &folder).with_context(|| folder.display().to_string())?;
    }
    let entry = progress.hunts.entry(hunt.number.clone()).or_default();
    if entry.state != State::Solved {
        entry.state = State::Open;
    }
    progress.last_hunt = Some(hunt.number.clone());
    progress.write(&course.store)?;
    show(course, &hunt, is_new, talk)?;
    Ok(true)
}

fn show(course: &Course, hunt: &Hunt, is_new: bool, talk: &mut Talk) -> anyhow::Result<()> {
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
            talk.text(
                "The user's script, which needs Python 3 (the functions it uses are in tests/practice/hunts/client.py):",
            );
            talk.gap();
            talk.lines(Tone::Plain, script);
            talk.gap();
            talk.toned(Tone::Plain, "What it prints:");
            talk.gap();
            talk.lines(Tone::Plain, seen);
            talk.gap();
            talk.text(format!(
                "The server is in {}. Mend it there. To run it yourself, and look at it:",
                course.shown(&stage)
            ));
            talk.gap();
            let run = format!(
                "(cd {} && cargo run -p {})",
                course.shown(&folder),
                hunt.package()
            );
            talk.lines(Tone::Plain, run);
            again(&folder, is_new, course, talk);
            talk.next("cargo lab hunt see", "runs the script against your copy");
            talk.next("cargo lab hunt hint", "if you are stuck");
        }
        Kind::Case { .. } => {
            let fault = Hunt::read_fault(course, &hunt.fault)?;
            talk.text(format!("The fault: {}", fault.what));
            talk.gap();
            talk.lines(Tone::Plain, patch::shown(&fault.patch, PATCH));
            talk.gap();
            talk.text(format!(
                "Write the case in {}.",
                course.shown(&stage.join("tests/hunt.rs"))
            ));
            again(&folder, is_new, course, talk);
            talk.next("cargo lab hunt check", "judges your case");
            talk.next("cargo lab hunt hint", "if you are stuck");
        }
    }
    Ok(())
}

/// Says how to begin a hunt afresh, if the copy was there before.
fn again(folder: &Path, is_new: bool, course: &Course, talk: &mut Talk) {
    if !is_new {
        talk.text(format!(
            "Your copy is as you left it. To begin afresh, move {} away first.",
            course.shown(folder)
        ));
    }
}
