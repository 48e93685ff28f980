//! A program that is to end by itself.

use std::process::{Command, Output, Stdio};

use crate::family::Mark;
use crate::printed::Printed;
use crate::{Subject, eventually_or};

/// Runs the program of `subject` with these arguments, and returns what it has printed when it has ended. What it started
/// ends with it.
///
/// # Panics
///
/// If it does not end by itself before the deadline.
pub(crate) fn run(subject: &Subject, arguments: &[&str]) -> Output {
    let mut command = Command::new(subject.program());
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mark = Mark::on(&mut command);
    let program = format!("{} {}", subject.program().display(), arguments.join(" "));
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
    let stdout = Printed::of(child.stdout.take());
    let stderr = Printed::of(child.stderr.take());
    let mut status = None;
    let mut ended = || {
        status = child.try_wait().ok().flatten();
        status.is_some()
    };
    let killed = KillAll(mark);
    eventually_or(&format!("`{program}` to end"), &mut ended, || {
        "it is still running".to_owned()
    });
    drop(killed);
    Output {
        status: status.unwrap_or_default(),
        stdout: stdout.complete_text().into_bytes(),
        stderr: stderr.complete_text().into_bytes(),
    }
}

/// Kills all that bears a mark, also by a panic.
struct KillAll(Mark);

impl Drop for KillAll {
    fn drop(&mut self) {
        self.0.kill_all(None);
    }
}
