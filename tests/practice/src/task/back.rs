//! `cargo lab task solution`, `skip` and `reset`: what the learner wrote is kept, and something else takes its place.

use super::check::next_task;
use super::open::Open;
use crate::course::Course;
use crate::progress::State;
use crate::talk::{Talk, Tone};

/// Puts the course's code back, and shows where the learner's is.
///
/// # Errors
///
/// Returns an error if no task is under way, and the errors of the file system.
pub fn solution(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let mut open = Open::change(course)?;
    let is_there = open.has_course_body(course);
    let kept = (!is_there).then(|| open.fill_in(course)).transpose()?;
    if open.entry().state == State::Open {
        open.entry().state = State::Shown;
    }
    open.progress.write(&course.store)?;
    let (task, body) = (open.task.clone(), open.entry().course.clone());
    talk.fact("task", task.number.as_str());
    talk.fact("solution", body.as_str());
    talk.toned(
        Tone::Strong,
        format!(
            "The course's `{}`, which is in {} again:",
            task.function, task.file
        ),
    );
    talk.gap();
    talk.lines(Tone::Plain, body);
    talk.gap();
    if let Some(kept) = kept {
        kept.say(&task.file, talk);
        talk.gap();
    }
    talk.text(&task.compare);
    next_task(course, &open, talk)?;
    Ok(true)
}

/// Leaves the task for later, with the course's code in its place.
///
/// # Errors
///
/// Returns an error if no task is under way, and the errors of the file system.
pub fn skip(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let mut open = Open::change(course)?;
    if open.entry().state != State::Open {
        talk.text("No task is under way, so there is nothing to skip.");
        next_task(course, &open, talk)?;
        return Ok(false);
    }
    let is_there = open.has_course_body(course);
    let kept = (!is_there).then(|| open.fill_in(course)).transpose()?;
    open.entry().state = State::Skipped;
    open.progress.write(&course.store)?;
    let task = &open.task;
    talk.fact("task", task.number.as_str());
    talk.text(format!(
        "The course's code is in {} again; task {} is left for later.",
        task.file, task.number
    ));
    if let Some(kept) = kept {
        kept.say(&task.file, talk);
    }
    next_task(course, &open, talk)?;
    Ok(true)
}

/// Begins the task afresh.
///
/// # Errors
///
/// Returns an error if no task is under way, and the errors of the file system.
pub fn reset(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let mut open = Open::change(course)?;
    let is_course = open.has_course_body(course);
    let kept = open.dig(course)?;
    open.entry().dug = true;
    open.entry().state = State::Open;
    open.progress.write(&course.store)?;
    talk.fact("task", open.task.number.as_str());
    talk.text(format!(
        "Task {} begins afresh, in {}.",
        open.task.number, open.task.file
    ));
    if !is_course {
        kept.say(&open.task.file, talk);
    }
    talk.next("cargo lab task check --watch", "judges at each save");
    talk.next("cargo lab task hint", "if you are stuck");
    Ok(true)
}
