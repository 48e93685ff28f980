//! The tasks and hunts as texts: each is complete, and its hole is where it says.

use anyhow::{Context, ensure};
use practice::course::Course;
use practice::hole;
use practice::hunt::{self, Hunt, Kind};
use practice::source;
use practice::talk::{Talk, Tone};
use practice::task::{self, Task};

fn course() -> anyhow::Result<Course> {
    Course::here()
}

#[test]
fn each_hole_is_dug_and_filled_in_again_byte_for_byte() -> anyhow::Result<()> {
    let course = course()?;
    let tasks = task::all(&course)?;
    ensure!(tasks.len() >= 26, "only {} tasks", tasks.len());
    for task in tasks {
        let text = course.read(&task.file)?;
        let range = source::body(&text, &task.function).with_context(|| task.number.clone())?;
        let dug = hole::dug(&course, &task, &text).with_context(|| task.number.clone())?;
        ensure!(dug != text, "{}: the hole changes nothing", task.number);
        let filled = source::with_body(&dug, &task.function, &text[range])?;
        ensure!(
            filled == text,
            "{}: filling in does not restore {}",
            task.number,
            task.file
        );
    }
    Ok(())
}

#[test]
fn each_stage_has_three_tasks_and_the_whole_step_last() -> anyhow::Result<()> {
    let tasks = task::all(&course()?)?;
    for stage in 1..=8 {
        let stage = format!("0{stage}");
        let own: Vec<&Task> = tasks.iter().filter(|task| task.stage() == stage).collect();
        ensure!(own.len() >= 3, "stage {stage} has {} tasks", own.len());
        for (number, task) in (1..).zip(&own) {
            ensure!(
                task.number == format!("{stage}.{number}"),
                "{} is not number {number}",
                task.number
            );
        }
        let last = own.last().context("none")?;
        let is_step = last.function == "run" && (stage == "01" || last.from.is_some());
        ensure!(is_step, "{} is not the whole step", last.number);
    }
    Ok(())
}

/// The first hint says what to think about, and the last nearly the code.
#[test]
fn hints_become_code() -> anyhow::Result<()> {
    for task in task::all(&course()?)? {
        ensure!(
            !task.hints[0].contains("```"),
            "{}: the first hint is code",
            task.number
        );
        ensure!(
            task.hints[2].contains("```rust"),
            "{}: the last hint is no code",
            task.number
        );
    }
    Ok(())
}

/// A hunt's first hint names no file, and the last one does, unless a case is to be written.
#[test]
fn hints_come_closer() -> anyhow::Result<()> {
    for hunt in hunt::all(&course()?)? {
        let number = &hunt.number;
        ensure!(
            !hunt.hints[0].contains(".rs"),
            "{number}: the first hint says where it is"
        );
        ensure!(
            hunt.level == 4 || hunt.hints[2].contains(".rs"),
            "{number}: the last hint does not say where it is"
        );
    }
    Ok(())
}

/// Code is shown as it is, so it has to fit.
#[test]
fn everything_fits_into_eighty_columns() -> anyhow::Result<()> {
    let course = course()?;
    let mut wide = Vec::new();
    let mut see = |of: &str, show: &dyn Fn(&mut Talk)| {
        let mut line = |_, line: &str| {
            if line.chars().count() > 80 {
                wide.push(format!("{of}: {line}"));
            }
        };
        show(&mut Talk::new(&mut line));
    };
    for task in task::all(&course)? {
        let texts = task.hints.iter().chain([&task.build, &task.compare]);
        texts.for_each(|text| see(&task.number, &|talk| talk.text(text)));
    }
    for hunt in hunt::all(&course)? {
        let texts = hunt.hints.iter().chain([&hunt.ticket, &hunt.answer]);
        texts.for_each(|text| see(&hunt.number, &|talk| talk.text(text)));
        let codes = match &hunt.kind {
            Kind::Symptom { script, seen, .. } => [script, seen],
            Kind::Case {
                template, solution, ..
            } => [template, solution],
        };
        codes
            .iter()
            .for_each(|code| see(&hunt.number, &|talk| talk.lines(Tone::Plain, code)));
    }
    ensure!(wide.is_empty(), "{}", wide.join("\n"));
    Ok(())
}

#[test]
fn each_level_has_hunts_and_each_fault_is_there() -> anyhow::Result<()> {
    let course = course()?;
    let hunts = hunt::all(&course)?;
    for level in 1..=4 {
        ensure!(
            hunts.iter().any(|hunt| hunt.level == level),
            "no hunt of level {level}"
        );
    }
    ensure!(
        hunts.is_sorted_by_key(|hunt| hunt.level),
        "the levels are not in order"
    );
    for (number, hunt) in (1..).zip(&hunts) {
        ensure!(
            hunt.number == format!("{number:02}"),
            "{} is not number {number}",
            hunt.number
        );
        let fault = Hunt::read_fault(&course, &hunt.fault)?;
        ensure!(
            fault.patch.starts_with("--- a/"),
            "{}: no patch",
            hunt.fault
        );
        if let Kind::Case { second, .. } = &hunt.kind {
            Hunt::read_fault(&course, second)?;
        }
        let gives_away = |text: &str| text.contains(&hunt.fault[3..].replace('-', " "));
        ensure!(
            hunt.level == 4 || !gives_away(&hunt.ticket),
            "the ticket of {} gives the fault away",
            hunt.number
        );
    }
    Ok(())
}

/// What looks like the remedy of a hunt, and is refused, is tried by `practice verify`.
#[test]
fn each_hunt_has_something_that_is_not_enough() -> anyhow::Result<()> {
    for hunt in hunt::all(&course()?)? {
        let is_solved_by_anything = match &hunt.kind {
            Kind::Symptom { less, .. } => less.is_empty(),
            Kind::Case { less, .. } => less.is_empty(),
        };
        ensure!(
            !is_solved_by_anything,
            "hunt {} has no section `## Not enough: …`",
            hunt.number
        );
    }
    Ok(())
}
