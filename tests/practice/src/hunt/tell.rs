//! `cargo lab hunt hint` and `answer`.

use anyhow::Context;

use super::{HINTS, Hunt, Kind, PATCH, find};
use crate::course::Course;
use crate::patch;
use crate::progress::{Progress, State};
use crate::talk::{Talk, Tone};

/// Shows the hints so far, and one more.
///
/// # Errors
///
/// Returns an error if no hunt is under way, and those of the file system.
pub fn hint(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let (_lock, mut progress, hunt) = under_way(course)?;
    let entry = progress.hunts.entry(hunt.number.clone()).or_default();
    entry.hints = (entry.hints + 1).min(HINTS);
    let shown = entry.hints;
    progress.write(&course.store)?;
    talk.fact("hunt", hunt.number.as_str());
    talk.fact("hints", hunt.hints[..shown].to_vec());
    for (number, hint) in (1..).zip(&hunt.hints[..shown]) {
        if number > 1 {
            talk.gap();
        }
        talk.toned(Tone::Strong, format!("Hint {number} of {HINTS}"));
        talk.text(hint);
    }
    talk.next("cargo lab hunt check", "judges what you did");
    match shown < HINTS {
        true => talk.next("cargo lab hunt hint", "one hint more"),
        false => talk.next("cargo lab hunt answer", "the fault, and why it does that"),
    }
    Ok(true)
}

/// Shows the fault, why it does that, and where it was seen.
///
/// # Errors
///
/// Returns an error if no hunt is under way, and those of the file system.
pub fn answer(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let (_lock, mut progress, hunt) = under_way(course)?;
    let entry = progress.hunts.entry(hunt.number.clone()).or_default();
    if entry.state != State::Solved {
        entry.state = State::Shown;
    }
    progress.write(&course.store)?;
    tell(course, &hunt, talk)?;
    Ok(true)
}

/// Tells the whole of a hunt.
pub(super) fn tell(course: &Course, hunt: &Hunt, talk: &mut Talk) -> anyhow::Result<()> {
    let fault = Hunt::read_fault(course, &hunt.fault)?;
    talk.fact("hunt", hunt.number.as_str());
    talk.fact("fault", fault.what.as_str());
    talk.gap();
    talk.toned(Tone::Strong, &fault.what);
    talk.gap();
    talk.text("This is what made the fault:");
    talk.gap();
    talk.lines(Tone::Plain, patch::shown(&fault.patch, PATCH));
    talk.gap();
    talk.text(&hunt.answer);
    if let Some(seen) = &fault.seen_in {
        talk.gap();
        talk.text(format!("Seen in {seen}."));
    }
    if let Kind::Case { solution, .. } = &hunt.kind {
        talk.gap();
        talk.toned(Tone::Plain, "A case that catches both faults:");
        talk.gap();
        talk.lines(Tone::Plain, solution);
    }
    match super::list::next(&super::all(course)?, &Progress::read(&course.store)?) {
        Some(next) => talk.next(format!("cargo lab hunt start {next}"), "the next hunt"),
        None => talk.next("cargo lab hunt", "lists them: every one is begun"),
    }
    Ok(())
}

/// Returns the hunt that was begun last, with the lock that its progress is changed under.
pub(super) fn under_way(course: &Course) -> anyhow::Result<(crate::store::Lock, Progress, Hunt)> {
    let lock = course.store.lock()?;
    let progress = Progress::read(&course.store)?;
    let number = progress
        .last_hunt
        .as_deref()
        .context("no hunt is under way: `cargo lab hunt` lists them")?;
    let hunt = find(course, number)?;
    Ok((lock, progress, hunt))
}
