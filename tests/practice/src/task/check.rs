//! `cargo lab task check`: builds, and runs the cases that judge, up to the first red one.

use std::fs;

use super::open::Open;
use super::{Task, all};
use crate::course::Course;
use crate::hole;
use crate::judge::{Built, Outcome, build, patience};
use crate::progress::{Progress, State};
use crate::talk::{Talk, Tone};

/// Judges the task that is under way. Returns whether it is solved.
///
/// # Errors
///
/// Returns an error if no task is under way, or if it cannot be judged.
pub fn check(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let is_solved = judge(course, talk, || false)? == Some(true);
    if !talk.has_next() {
        talk.next("cargo lab task check", "when you have changed something");
        talk.next("cargo lab task hint", "if you are stuck");
    }
    Ok(is_solved)
}

/// Judges the task that is under way, unless it is `stop`ped. Returns whether it is solved.
pub(super) fn judge(
    course: &Course,
    talk: &mut Talk,
    mut stop: impl FnMut() -> bool,
) -> anyhow::Result<Option<bool>> {
    let mut open = Open::look(course)?;
    let task = open.task.clone();
    talk.fact("task", task.number.as_str());
    // What is judged is what is kept: it may change in the meantime.
    let Ok(text) = fs::read(course.path(&task.file)) else {
        gone(&task, talk);
        return Ok(Some(false));
    };
    // The learner may have written the same as the course. But if the piece is not taken out, because the start was
    // broken off or the course's code was put back, there is nothing to be judged.
    let is_out = match open.entry().state {
        State::Open => open.entry().dug,
        State::Solved => true,
        State::New | State::Shown | State::Skipped => false,
    };
    if !is_out && open.has_course_body(course) {
        untouched(course, &open, talk)?;
        return Ok(Some(false));
    }
    let programs = match build(course, &task.package(), &task.tests())? {
        Built::Ready(programs) => programs,
        Built::Broken(errors) => {
            talk.fact("state", "does not compile");
            talk.fact("story", errors.as_str());
            talk.toned(Tone::Bad, format!("{} does not compile:", task.package()));
            talk.lines(Tone::Plain, errors);
            return Ok(Some(false));
        }
    };
    let patience = patience();
    let width = task
        .cases
        .iter()
        .map(|case| case.name.len())
        .max()
        .unwrap_or(0);
    for case in &task.cases {
        match programs.run(case, patience, &mut stop)? {
            Outcome::Green => talk.toned(Tone::Good, format!("{:<width$}  green", case.name)),
            Outcome::Stopped => return Ok(None),
            Outcome::Red(story) => {
                talk.toned(Tone::Bad, format!("{:<width$}  red", case.name));
                talk.fact("state", "red");
                talk.fact("case", case.name.as_str());
                talk.fact("story", story.as_str());
                tell(&task, &story, talk);
                return Ok(Some(false));
            }
        }
    }
    solved(course, &task, &text, talk)?;
    Ok(Some(true))
}

/// Tells why a case is red.
fn tell(task: &Task, story: &str, talk: &mut Talk) {
    talk.gap();
    let panic = hole::panic(&task.number);
    if story.contains(&panic) {
        talk.fact("state", "todo");
        talk.toned(
            Tone::Bad,
            format!(
                "The server came to the todo!() of this task: write `{}` in {}.",
                task.function, task.file
            ),
        );
        return;
    }
    talk.story(story);
    if story.contains("not yet implemented") {
        talk.gap();
        talk.toned(Tone::Bad, "The server came to a todo!(), as it says above.");
    }
}

/// Says that there is no file to be judged.
fn gone(task: &Task, talk: &mut Talk) {
    talk.fact("state", "gone");
    talk.toned(Tone::Bad, format!("{} is gone.", task.file));
    talk.next(
        "cargo lab task reset",
        "brings it back, without the piece that you write",
    );
    talk.next(
        "cargo lab task solution",
        "brings it back, with the course's code",
    );
}

/// Says that the course's code is there.
fn untouched(course: &Course, open: &Open, talk: &mut Talk) -> anyhow::Result<()> {
    let task = &open.task;
    talk.fact("state", "untouched");
    talk.toned(
        Tone::Bad,
        format!(
            "The course's own code is in `{}`: there is nothing of yours to judge.",
            task.function
        ),
    );
    talk.next(
        format!("cargo lab task start {}", task.number),
        "takes it out",
    );
    next_task(course, open, talk)
}

/// Notes that the task is solved, keeps the code that was judged, and says what comes next.
fn solved(course: &Course, task: &Task, judged: &[u8], talk: &mut Talk) -> anyhow::Result<()> {
    let _lock = course.store.lock()?;
    let mut progress = Progress::read(&course.store)?;
    let kept = course
        .store
        .keep(&task.number, &course.path(&task.file), judged)?;
    // In another terminal the task may have been given up meanwhile, or another one begun.
    let entry = progress.tasks.entry(task.number.clone()).or_default();
    if entry.state == State::Open {
        entry.state = State::Solved;
    }
    progress.write(&course.store)?;
    talk.fact("state", "solved");
    talk.fact("kept", course.shown(&kept));
    talk.gap();
    talk.toned(
        Tone::Good,
        format!(
            "Task {} is solved: {} ({} of {}).",
            task.number,
            task.title,
            progress.solved_tasks(),
            all(course)?.len()
        ),
    );
    talk.text(format!(
        "Your code stays in {}, and the later stages run on it. A copy is {}.",
        task.file,
        course.shown(&kept)
    ));
    talk.next("cargo lab task compare", "your code next to the course's");
    name_next(course, &progress, talk)
}

/// Names the task that comes next.
pub(super) fn next_task(course: &Course, open: &Open, talk: &mut Talk) -> anyhow::Result<()> {
    name_next(course, &open.progress, talk)
}

fn name_next(course: &Course, progress: &Progress, talk: &mut Talk) -> anyhow::Result<()> {
    if let Some(number) = progress.open_task() {
        talk.next(
            "cargo lab task check",
            &format!("judges {number}, which is under way"),
        );
        return Ok(());
    }
    match super::list::next(&all(course)?, progress) {
        Some(number) => talk.next(format!("cargo lab task start {number}"), "the next task"),
        None => talk.next(
            "cargo lab hunt",
            "every task is done: now find what others broke",
        ),
    }
    Ok(())
}
