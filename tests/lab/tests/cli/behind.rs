//! The program where something is missing, or ends it: it says so, and nothing of it stays behind.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::ensure;
use lab::world::Changes;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use practice::course::Course;
use practice::progress::{Entry, Progress, State};
use suite::{Faults, Process, eventually};
use tempfile::TempDir;

use super::{LAB, stderr, stdout};

/// A copy of a checkout, in which a stage is changed.
pub(crate) fn changed_checkout() -> anyhow::Result<TempDir> {
    let folder = TempDir::new()?;
    let source = folder.path().join("01-blocking/src");
    std::fs::create_dir_all(&source)?;
    std::fs::write(source.join("lib.rs"), "fn main() {}")?;
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "--quiet",
            "-m",
            "a",
        ],
    ] {
        let done = Command::new("git")
            .current_dir(folder.path())
            .args(arguments)
            .status()?;
        assert!(done.success(), "git {arguments:?}");
    }
    std::fs::write(source.join("lib.rs"), "fn main() { loop {} }")?;
    Ok(folder)
}

#[test]
fn a_break_that_was_not_undone_is_asked_about() -> anyhow::Result<()> {
    let (folder, checkout) = (TempDir::new()?, changed_checkout()?);
    let faults = Faults {
        descriptors: Some(256),
        ..Faults::default()
    };
    let mut command = Command::new(LAB);
    command
        .args(["lesson", "00", "--yes"])
        .env("TMPDIR", folder.path());
    command.env("GIT_DIR", checkout.path().join(".git"));
    command.env("GIT_WORK_TREE", checkout.path());
    faults.prepare(&mut command);
    let output = command.output()?;
    let (text, error) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{text}");
    // What cannot be shown is not told, and blamed on neither the machine nor the stage.
    assert!(
        error.contains("this needs more descriptors: 1,000, and the limit is 256"),
        "{error}"
    );
    assert!(text.contains("the answer has to wait"), "{text}");
    assert!(
        !text.contains("The answer:") && !text.contains('✗'),
        "{text}"
    );
    let question = "lab: 01-blocking/src/lib.rs is changed: a break not undone?";
    assert!(error.contains(question), "{error}");
    Ok(())
}

#[test]
fn a_task_explains_what_is_changed() -> anyhow::Result<()> {
    let checkout = changed_checkout()?;
    let course = Course::at(checkout.path());
    let tasks = checkout.path().join("tests/practice/tasks");
    std::fs::create_dir_all(&tasks)?;
    let echo = "tests/practice/tasks/01.1-echo.md";
    std::fs::copy(suite::workspace().join(echo), checkout.path().join(echo))?;
    let _lock = course.store.lock()?;
    let explained = |state: State, words: &str| {
        let entry = Entry {
            state,
            ..Entry::default()
        };
        let progress = Progress {
            tasks: [("01.1".to_owned(), entry)].into(),
            ..Progress::default()
        };
        progress.write(&course.store)?;
        let line = Changes::find(&course).question().unwrap_or_default();
        ensure!(line.contains(words), "{state:?}: {line}");
        ensure!(!line.contains("git restore"), "{state:?}: {line}");
        Ok(())
    };
    explained(State::Open, "task 01.1 is open")?;
    explained(State::Solved, "holds what you wrote for a task")
}

/// The lab under a fault, with a folder for its temporary files.
fn start(arguments: &[&str], faults: Faults, folder: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(LAB);
    command.args(arguments).env("TMPDIR", folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    faults.prepare(&mut command);
    Ok(command.spawn()?)
}

#[test]
fn without_ptrace_it_says_in_one_line_what_to_do() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let faults = Faults {
        refused: Some((libc::SYS_ptrace, libc::EPERM)),
        ..Faults::default()
    };
    let output = start(&["lesson", "04", "--yes"], faults, folder.path())?.wait_with_output()?;
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let text = stderr(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("allow ptrace"), "{text}");
    let output = start(&["doctor"], faults, folder.path())?.wait_with_output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("✗  ptrace"), "{}", stdout(&output));
    assert_empty(folder.path())
}

#[test]
fn low_limits_are_adapted_to() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let faults = Faults {
        descriptors: Some(1_024),
        ..Faults::default()
    };
    let output = start(&["doctor"], faults, folder.path())?.wait_with_output()?;
    let text = stdout(&output);
    assert!(text.contains("!  descriptors"), "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
    let output = start(&["tour"], faults, folder.path())?.wait_with_output()?;
    let text = stdout(&output);
    for number in 0..=8 {
        assert!(text.contains(&format!("Lesson {number:02}")), "{text}");
    }
    assert!(
        text.contains("clients 1,000 → 924: the descriptor limit is 1,024"),
        "{text}"
    );
    // Without a descriptor of 1,024 or above, select meets no limit, and poll has no more than select would take.
    let error = stderr(&output);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("2 of 9 steps could not run here"), "{error}");
    assert_empty(folder.path())
}

/// A process that loses its parent stays in sight.
fn ends_leaving_nothing(signal: Signal) -> anyhow::Result<ExitStatus> {
    prctl::set_child_subreaper(true)?;
    let folder = TempDir::new()?;
    let mut child = start(&["tour"], Faults::default(), folder.path())?;
    let process = Process::new(child.id().cast_signed());
    let mut started = Vec::new();
    eventually("a server with a client to be there", || {
        started = process.descendants();
        started.iter().any(|process| process.sockets().len() > 1)
    });
    kill(process.pid(), signal)?;
    let status = child.wait()?;
    eventually("all that it started to be gone", || {
        started
            .iter()
            .all(|process| matches!(process.state(), 'X' | 'Z'))
    });
    if signal != Signal::SIGKILL {
        assert_empty(folder.path())?;
    }
    Ok(status)
}

fn assert_empty(folder: &Path) -> anyhow::Result<()> {
    let left: Vec<_> = folder.read_dir()?.collect();
    assert!(left.is_empty(), "{left:?} stays behind");
    Ok(())
}

#[test]
fn interrupted_it_leaves_nothing() -> anyhow::Result<()> {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        assert_eq!(ends_leaving_nothing(signal)?.code(), Some(130));
    }
    Ok(())
}

#[test]
fn interrupted_it_ends_though_nobody_reads_what_it_says() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let mut child = start(&["lesson", "08", "--yes"], Faults::default(), folder.path())?;
    drop(child.stderr.take());
    eventually("the lab to have a folder", || {
        folder.path().read_dir().is_ok_and(|all| all.count() > 0)
    });
    kill(Process::new(child.id().cast_signed()).pid(), Signal::SIGINT)?;
    let mut status = None;
    eventually("the lab to end", || {
        status = child.try_wait().ok().flatten();
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(130));
    assert_empty(folder.path())
}

#[test]
fn interrupted_it_removes_its_folders() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let mut child = start(&["lesson", "08", "--yes"], Faults::default(), folder.path())?;
    let is_empty = || {
        folder
            .path()
            .read_dir()
            .is_ok_and(|mut all| all.next().is_none())
    };
    eventually("the lab to have a folder", || !is_empty());
    kill(Process::new(child.id().cast_signed()).pid(), Signal::SIGINT)?;
    assert_eq!(child.wait()?.code(), Some(130));
    assert_empty(folder.path())
}

#[test]
fn killed_it_leaves_no_process() -> anyhow::Result<()> {
    let status = ends_leaving_nothing(Signal::SIGKILL)?;
    assert_eq!(status.signal(), Some(Signal::SIGKILL as i32));
    Ok(())
}
