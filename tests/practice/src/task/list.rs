//! `cargo lab task`: all tasks, in the order of the course.

use serde_json::{Value, json};

use super::{Task, all};
use crate::course::Course;
use crate::progress::{Progress, State};
use crate::talk::{Talk, Tone};

/// Lists the tasks, with minutes and state.
///
/// # Errors
///
/// Returns the errors of reading the tasks, and the progress.
pub fn list(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let tasks = all(course)?;
    let progress = Progress::read(&course.store)?;
    let total: u32 = tasks.iter().map(|task| task.minutes).sum();
    let solved = progress.solved_tasks();
    let so_far = match solved {
        0 => String::new(),
        solved => format!("; {solved} solved"),
    };
    talk.toned(
        Tone::Strong,
        format!(
            "{} tasks, about {} hours{so_far}",
            tasks.len(),
            (total + 30) / 60
        ),
    );
    talk.text(
        "A task takes a piece out of a stage, and leaves the rest. You write it, and the same suite judges it as always. \
         Nothing that you write is ever lost.",
    );
    let state = |task: &Task| {
        progress
            .tasks
            .get(&task.number)
            .map_or(State::New, |entry| entry.state)
    };
    let mut stage = "";
    for task in &tasks {
        if task.stage() != stage {
            stage = task.stage();
            talk.gap();
            talk.toned(Tone::Strong, folder(task));
        }
        let word = state(task).word();
        let tone = match state(task) {
            State::Solved => Tone::Good,
            State::Open => Tone::Strong,
            _ => Tone::Plain,
        };
        let line = format!(
            "  {}  {:>3} min  {:<52}  {word}",
            task.number, task.minutes, task.title
        );
        talk.toned(tone, line.trim_end());
    }
    let facts: Vec<Value> = tasks
        .iter()
        .map(|task| {
            json!({
                "number": task.number, "title": task.title, "minutes": task.minutes, "file": task.file,
                "function": task.function, "state": state(task),
            })
        })
        .collect();
    talk.fact("solved", solved);
    talk.fact("tasks", facts);
    if let Some(open) = progress.open_task() {
        talk.next(
            "cargo lab task check",
            &format!("judges {open}, which is under way"),
        );
    } else if let Some(next) = next(&tasks, &progress) {
        let what = tasks.iter().find(|task| task.number == next);
        talk.next(
            format!("cargo lab task start {next}"),
            what.map_or("", |task| &task.title),
        );
    } else {
        talk.next(
            "cargo lab hunt",
            "every task is done: now find what others broke",
        );
    }
    Ok(true)
}

/// Returns the number of the first task that was not begun, beginning behind the one that was begun last; else of the
/// first that was skipped.
pub(super) fn next(tasks: &[Task], progress: &Progress) -> Option<String> {
    let state = |task: &&Task| {
        progress
            .tasks
            .get(&task.number)
            .map_or(State::New, |entry| entry.state)
    };
    let is_last = |task: &Task| progress.last_task.as_ref() == Some(&task.number);
    let behind = tasks.iter().position(is_last).map_or(0, |last| last + 1);
    let (before, after) = tasks.split_at(behind);
    let find = |wanted| {
        let mut all = after.iter().chain(before);
        all.find(|task| state(task) == wanted)
    };
    let next = find(State::New).or_else(|| find(State::Skipped))?;
    Some(next.number.clone())
}

fn folder(task: &Task) -> &str {
    task.file.split('/').next().unwrap_or_default()
}
