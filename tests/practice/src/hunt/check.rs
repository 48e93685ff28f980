//! `cargo lab hunt check`: the symptom is gone, and the suite of the stage is green. Or, for a case: it is green on the
//! course's stage, and red on two faults.

use std::fs;
use std::process::Command;

use anyhow::Context;

use super::see::{Scene, build_and_watch, copy_of};
use super::tell::{tell, under_way};
use super::{Hunt, Kind, lay_out};
use crate::compile::cargo;
use crate::course::Course;
use crate::patch;
use crate::progress::State;
use crate::talk::{Talk, Tone};

/// Judges the hunt that is under way. Returns whether it is solved.
///
/// # Errors
///
/// Returns an error if no hunt is under way, or if it cannot be judged.
pub fn check(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let (lock, _, hunt) = under_way(course)?;
    drop(lock);
    talk.fact("hunt", hunt.number.as_str());
    let copy = copy_of(course, &hunt.number);
    let is_solved = match &hunt.kind {
        Kind::Symptom {
            script, expected, ..
        } => {
            is_gone(course, &copy, &hunt, script, expected, talk)?
                && is_suite_green(&copy, &hunt, talk)?
        }
        Kind::Case { .. } => {
            let path = hunt.folder(&copy.workspace)?.join("tests/hunt.rs");
            let case = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let judged = judge_case(course, &hunt, &case)?;
            judged.say(talk);
            judged == Judged::Good
        }
    };
    talk.fact("solved", is_solved);
    if !is_solved {
        talk.next("cargo lab hunt check", "when you have changed something");
        talk.next("cargo lab hunt hint", "if you are stuck");
        return Ok(false);
    }
    let (_lock, mut progress, hunt) = under_way(course)?;
    progress.hunts.entry(hunt.number.clone()).or_default().state = State::Solved;
    progress.write(&course.store)?;
    talk.gap();
    talk.toned(Tone::Good, format!("Hunt {} is solved.", hunt.number));
    tell(course, &hunt, talk)?;
    Ok(true)
}

fn is_gone(
    course: &Course,
    copy: &Course,
    hunt: &Hunt,
    script: &str,
    expected: &str,
    talk: &mut Talk,
) -> anyhow::Result<bool> {
    match build_and_watch(copy, course, hunt, script)? {
        Scene::Broken(errors) => {
            talk.toned(Tone::Bad, "The copy does not compile:");
            talk.lines(Tone::Plain, errors);
            Ok(false)
        }
        Scene::Printed(printed) if printed.trim() == expected.trim() => {
            talk.toned(Tone::Good, "The symptom is gone.");
            Ok(true)
        }
        Scene::Printed(printed) => {
            talk.toned(Tone::Bad, "The symptom is still there. The script prints:");
            talk.lines(Tone::Plain, printed);
            Ok(false)
        }
    }
}

/// Runs the tests of the stage, so that mending one thing has not broken another.
fn is_suite_green(copy: &Course, hunt: &Hunt, talk: &mut Talk) -> anyhow::Result<bool> {
    talk.toned(
        Tone::Plain,
        format!(
            "(Now the suite of {}, which takes a while.)",
            hunt.package()
        ),
    );
    let mut test = cargo(copy);
    test.args(["test", "--quiet", "--package", &hunt.package(), "--tests"])
        .env("RUST_BACKTRACE", "0");
    let output = test.output().context("cannot run cargo")?;
    if output.status.success() {
        talk.toned(
            Tone::Good,
            format!("The suite of {} is green.", hunt.package()),
        );
        return Ok(true);
    }
    talk.toned(
        Tone::Bad,
        format!(
            "The symptom is gone, but the suite of {} is not green:",
            hunt.package()
        ),
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let stories: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("failures:"))
        .take(40)
        .collect();
    talk.story(stories.join("\n"));
    Ok(false)
}

/// What a learner's case does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It does not compile.
    Broken(String),
    /// It is red on the course's stage.
    RedOnCourse(String),
    /// It is green on the fault that was shown.
    MissesFault,
    /// It is green on another fault of the kind.
    MissesSecond,
    /// It catches both.
    Good,
}

impl Judged {
    fn say(&self, talk: &mut Talk) {
        match self {
            Self::Broken(errors) => {
                talk.toned(Tone::Bad, "The case does not compile:");
                talk.lines(Tone::Plain, errors);
            }
            Self::RedOnCourse(story) => {
                talk.toned(Tone::Bad, "The case is red on the course's stage, which is right:");
                talk.story(story);
            }
            Self::MissesFault => talk.toned(Tone::Bad, "The case is green on the fault that you were shown."),
            Self::MissesSecond => talk.text(
                "The case is red on the fault that you were shown, and green on another one of its kind. It looks at this \
                 one fault's doing, and not at what a client is owed.",
            ),
            Self::Good => talk.toned(Tone::Good, "Green on the course's stage, red on the fault, red on another one of its kind."),
        }
    }
}

/// Judges a case: on the course's stage, on the fault, and on the second one.
///
/// # Errors
///
/// Returns the errors of the file system, and an error if cargo cannot be run.
pub fn judge_case(course: &Course, hunt: &Hunt, case: &str) -> anyhow::Result<Judged> {
    let folder = course.store.path("judge");
    lay_out(course, &folder)?;
    let copy = Course {
        workspace: folder,
        store: course.store.clone(),
        target: Some(
            course
                .target
                .clone()
                .unwrap_or_else(|| course.path("target")),
        ),
    };
    let test = || {
        let mut test = cargo(&copy);
        test.args(["test", "--package", &hunt.package()]);
        test
    };
    judge_case_in(&copy, course, hunt, case, test)
}

/// Judges a case in a copy of the workspace, where `test` returns a cargo that tests the hunt's stage.
///
/// # Errors
///
/// Returns the errors of [`judge_case`].
pub fn judge_case_in(
    copy: &Course,
    course: &Course,
    hunt: &Hunt,
    case: &str,
    test: impl Fn() -> Command,
) -> anyhow::Result<Judged> {
    let Kind::Case { second, .. } = &hunt.kind else {
        anyhow::bail!("hunt {} has no case to be written", hunt.number);
    };
    let path = hunt.folder(&copy.workspace)?.join("tests/hunt.rs");
    crate::store::replace(&path, case)?;
    let run = |fault: Option<&str>| run(copy, course, fault, test());
    let mut judged = match run(None)? {
        Ran::Green => Judged::Good,
        Ran::Red(story) => Judged::RedOnCourse(story),
        Ran::Broken(errors) => Judged::Broken(errors),
    };
    for (fault, missed) in [
        (&hunt.fault, Judged::MissesFault),
        (second, Judged::MissesSecond),
    ] {
        if judged == Judged::Good && run(Some(fault))? == Ran::Green {
            judged = missed;
        }
    }
    fs::remove_file(&path).with_context(|| path.display().to_string())?;
    Ok(judged)
}

#[derive(Debug, PartialEq, Eq)]
enum Ran {
    Green,
    Red(String),
    Broken(String),
}

fn run(
    copy: &Course,
    course: &Course,
    fault: Option<&str>,
    mut test: Command,
) -> anyhow::Result<Ran> {
    let fault = fault
        .map(|name| Hunt::read_fault(course, name))
        .transpose()?;
    if let Some(fault) = &fault {
        patch::apply(&copy.workspace, &fault.patch, false)?;
    }
    test.args(["--quiet", "--test", "hunt"]);
    test.env("RUST_BACKTRACE", "0").env(suite::PATIENCE, "4000");
    let output = test.output().context("cannot run cargo");
    if let Some(fault) = &fault {
        patch::apply(&copy.workspace, &fault.patch, true)?;
    }
    let output = output?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(match output.status.success() {
        true => Ran::Green,
        false if text.contains("test result: ") => Ran::Red(text.trim().to_owned()),
        false => Ran::Broken(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    })
}
