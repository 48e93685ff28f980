//! `cargo lab task check`: builds, and runs the cases that judge, up to the first red one.

use super::open::Open;
use super::{Task, all};
use crate::course::Course;
use crate::hole;
use crate::judge::{Built, Outcome, build, patience};
use crate::progress::State;
use crate::talk::{Talk, Tone};

/// Judges the task that is under way. Returns whether it is solved.
///
/// # Errors
///
/// Returns an error if no task is under way, or if it cannot be judged.
pub fn check(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    Ok(judge(course, talk, || false)? == Some(true))
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
    // The learner may have written the same as the course. But if the piece was never taken out, because the start was
    // broken off, there is nothing to be judged.
    let is_untouched = open.entry().state == State::Open
        && !open.entry().dug
        && open
            .body(course)
            .is_ok_and(|body| body == open.entry().course);
    if is_untouched {
        talk.toned(
            Tone::Bad,
            format!(
                "The course's own code is in `{}`: nothing is left to be judged.",
                task.function
            ),
        );
        talk.next(
            format!("cargo lab task start {}", task.number),
            "takes it out again",
        );
        talk.next("cargo lab task solution", "leaves it there");
        return Ok(Some(false));
    }
    let programs = match build(course, &task.package(), &task.tests())? {
        Built::Ready(programs) => programs,
        Built::Broken(errors) => {
            talk.fact("state", "does not compile");
            talk.fact("story", errors.as_str());
            talk.toned(Tone::Bad, format!("{} does not compile:", task.package()));
            talk.lines(Tone::Plain, errors);
            again(talk);
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
    solved(course, talk)?;
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
        again(talk);
        return;
    }
    talk.lines(Tone::Plain, story);
    if story.contains("not yet implemented") {
        talk.gap();
        talk.toned(Tone::Bad, "The server came to a todo!(), as it says above.");
    }
    again(talk);
}

fn again(talk: &mut Talk) {
    talk.next("cargo lab task check", "when you have changed something");
    talk.next("cargo lab task hint", "if you are stuck");
}

/// Notes that the task is solved, keeps the learner's code, and says what comes next.
fn solved(course: &Course, talk: &mut Talk) -> anyhow::Result<()> {
    let mut open = Open::change(course)?;
    let task = open.task.clone();
    let text = course.read(&task.file)?;
    let kept = course
        .store
        .keep(&task.number, &course.path(&task.file), &text)?;
    if open.entry().state == State::Open {
        open.entry().state = State::Solved;
    }
    open.progress.write(&course.store)?;
    talk.fact("state", "solved");
    talk.fact("kept", course.shown(&kept));
    talk.gap();
    talk.toned(
        Tone::Good,
        format!("Task {} is solved: {}.", task.number, task.title),
    );
    talk.text(format!(
        "Your code stays in {}, and the later stages run on it. A copy is {}.",
        task.file,
        course.shown(&kept)
    ));
    talk.next("cargo lab task compare", "your code next to the course's");
    next_task(course, &open, talk)
}

/// Names the task that comes next.
pub(super) fn next_task(course: &Course, open: &Open, talk: &mut Talk) -> anyhow::Result<()> {
    match super::list::next(&all(course)?, &open.progress) {
        Some(number) => talk.next(format!("cargo lab task start {number}"), "the next task"),
        None => talk.next(
            "cargo lab hunt",
            "every task is done: now find what others broke",
        ),
    }
    Ok(())
}
