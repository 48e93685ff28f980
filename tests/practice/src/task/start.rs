//! `cargo lab task start`: takes the piece out.

use anyhow::Context;

use super::{Task, find};
use crate::course::Course;
use crate::git;
use crate::hole;
use crate::judge::{Built, build};
use crate::progress::{Progress, State};
use crate::source;
use crate::talk::{Talk, Tone};

/// Begins the task `number`, or the next one.
///
/// # Errors
///
/// Returns an error if another task is under way, if the file has changes that git does not know, if the stage does not
/// compile as it is, and the errors of the file system. The file is as it was then.
pub fn start(
    course: &Course,
    number: Option<&str>,
    anyway: bool,
    talk: &mut Talk,
) -> anyhow::Result<bool> {
    let _lock = course.store.lock()?;
    let mut progress = Progress::read(&course.store)?;
    let number = match number {
        Some(number) => number.to_owned(),
        None => super::list::next(&super::all(course)?, &progress).context("every task is done")?,
    };
    let task = find(course, &number)?;
    if let Some(open) = progress.open_task().filter(|open| *open != task.number) {
        talk.toned(
            Tone::Bad,
            format!("Task {open} is under way, and the suite cannot judge two holes at once."),
        );
        talk.next("cargo lab task check", "judges it");
        talk.next(
            "cargo lab task skip",
            "leaves it for later; what you wrote is kept",
        );
        return Ok(false);
    }
    let text = course.read(&task.file)?;
    let range = source::body(&text, &task.function).with_context(|| {
        format!(
            "{file} (`git restore {file}` brings back what git knows of it)",
            file = task.file
        )
    })?;
    let entry = progress.tasks.entry(task.number.clone()).or_default();
    let is_course = entry.course.is_empty() || text[range.clone()] == entry.course;
    if entry.state == State::Open && (entry.dug || !is_course) {
        talk.toned(
            Tone::Good,
            format!(
                "Task {} is under way: your code is in {}.",
                task.number, task.file
            ),
        );
        describe(&task, &text, talk);
        return Ok(true);
    }
    let committed = git::committed(&course.workspace, &task.file);
    if hole::is_in(&text, &task.number) {
        already_dug(&task, talk);
        return Ok(false);
    }
    if !anyway && !is_known(course, &task, &progress, &text, committed.as_deref()) {
        refuse(&task, talk);
        return Ok(false);
    }
    let entry = progress.tasks.entry(task.number.clone()).or_default();
    let is_back = matches!(entry.state, State::Skipped | State::Shown);
    if entry.course.is_empty() || (is_back && committed.as_deref() == Some(text.as_str())) {
        entry.course = text[range].to_owned();
    }
    talk.toned(
        Tone::Plain,
        format!(
            "(Building {} as it is, to compare with later.)",
            task.package()
        ),
    );
    if !keep_server(course, &task, is_course, talk)? {
        return Ok(false);
    }
    let kept = course
        .store
        .keep(&task.number, &course.path(&task.file), &text)?;
    entry.state = State::Open;
    entry.dug = false;
    entry.before = course.shown(&kept);
    progress.last_task = Some(task.number.clone());
    let dug = hole::dug(course, &task, &text)?;
    // In this order: if it all ends here, the next start finds the course's code still there, and digs.
    progress.write(&course.store)?;
    course.store.replace(&course.path(&task.file), &dug)?;
    progress.tasks.entry(task.number.clone()).or_default().dug = true;
    progress.write(&course.store)?;
    talk.fact("kept", course.shown(&kept));
    talk.toned(
        Tone::Strong,
        format!(
            "Task {}: {} ({} minutes)",
            task.number, task.title, task.minutes
        ),
    );
    describe(&task, &dug, talk);
    Ok(true)
}

/// Says where the piece was, what it must do, and what judges it.
fn describe(task: &Task, text: &str, talk: &mut Talk) {
    let line =
        source::body(text, &task.function).map_or(1, |range| text[..range.start].lines().count());
    talk.fact("task", task.number.as_str());
    talk.fact("file", task.file.as_str());
    talk.fact("line", line);
    talk.fact("function", task.function.as_str());
    talk.fact(
        "cases",
        task.cases
            .iter()
            .map(|case| case.name.clone())
            .collect::<Vec<_>>(),
    );
    talk.gap();
    talk.toned(
        Tone::Strong,
        format!("{}:{line}, `{}`", task.file, task.function),
    );
    talk.gap();
    talk.text(&task.build);
    talk.gap();
    talk.toned(Tone::Plain, "These cases judge it:");
    for case in &task.cases {
        let rule = suite::meaning_of(&case.name);
        let rule = rule.map_or(String::new(), |meaning| format!(": {}", meaning.rule));
        talk.text(format!("- {}{rule}", case.name));
    }
    talk.next(
        "cargo lab task check --watch",
        "in a second terminal: judges at each save",
    );
    talk.next("cargo lab task hint", "if you are stuck");
}

/// Returns whether the file is as in the last commit, apart from what tasks have put into it. Without git it is taken
/// for that: the file is kept in any case.
fn is_known(
    course: &Course,
    task: &Task,
    progress: &Progress,
    text: &str,
    committed: Option<&str>,
) -> bool {
    let Some(committed) = committed else {
        return true;
    };
    let tasks = super::all(course).unwrap_or_default();
    let original = |text| super::original(&tasks, progress, &task.file, text);
    // What an earlier task judged may have more in it than bodies, such as a function of the learner's own.
    original(text) == original(committed) || course.store.has(text.as_bytes())
}

/// Says that the hole is there, and nothing is known of it: the learner's folder was removed.
fn already_dug(task: &Task, talk: &mut Talk) {
    talk.toned(
        Tone::Bad,
        format!(
            "The hole of task {} is in {}, and the course's code is not: was .practice removed?",
            task.number, task.file
        ),
    );
    talk.next(
        format!("git restore {}", task.file),
        "brings the course's code back",
    );
    talk.next(
        format!("cargo lab task start {}", task.number),
        "after that",
    );
}

fn refuse(task: &Task, talk: &mut Talk) {
    talk.toned(
        Tone::Bad,
        format!(
            "{} has changes that git does not know, and the task would mix with them.",
            task.file
        ),
    );
    talk.gap();
    talk.text("To keep them, commit them on a branch of your own, and begin the task there:");
    talk.lines(
        Tone::Plain,
        format!("git switch -c mine\ngit commit -m 'Mine' {}", task.file),
    );
    talk.next(format!("git diff {}", task.file), "shows them");
    talk.next(
        format!("cargo lab task start {} --anyway", task.number),
        "begins on top of them; a copy of the file is kept",
    );
}

/// Keeps the stage's program with the course's code in it, to be compared with later. Returns whether the stage compiles
/// as it is: the task cannot begin on top of what does not, unless that is the learner's own attempt at it.
fn keep_server(
    course: &Course,
    task: &Task,
    is_course: bool,
    talk: &mut Talk,
) -> anyhow::Result<bool> {
    match build(course, &task.package(), &task.tests())? {
        Built::Broken(errors) if is_course => {
            talk.toned(
                Tone::Bad,
                format!(
                    "{} does not compile as it is, before the task begins:",
                    task.package()
                ),
            );
            talk.lines(Tone::Plain, errors);
            talk.next("git status", "shows which files are not the course's");
            return Ok(false);
        }
        Built::Ready(programs) if is_course => {
            let store = &course.store;
            store.copy(&programs.server, "course", &task.number)?;
        }
        Built::Broken(_) | Built::Ready(_) => {}
    }
    Ok(true)
}
