//! `cargo lab task hint`: one hint more.

use super::HINTS;
use super::open::Open;
use crate::course::Course;
use crate::talk::{Talk, Tone};

/// Shows the hints so far, and one more.
///
/// # Errors
///
/// Returns an error if no task is under way, and those of the file system.
pub fn hint(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let mut open = Open::change(course)?;
    let shown = (open.entry().hints + 1).min(HINTS);
    open.entry().hints = shown;
    open.progress.write(&course.store)?;
    talk.fact("task", open.task.number.as_str());
    talk.fact("hints", open.task.hints[..shown].to_vec());
    for (number, hint) in (1..).zip(&open.task.hints[..shown]) {
        if number > 1 {
            talk.gap();
        }
        talk.toned(Tone::Strong, format!("Hint {number} of {HINTS}"));
        talk.text(hint);
    }
    talk.next("cargo lab task check", "judges what you wrote");
    match shown < HINTS {
        true => talk.next("cargo lab task hint", "one hint more"),
        false => talk.next(
            "cargo lab task solution",
            "the course's code; yours is kept",
        ),
    }
    Ok(true)
}
