//! A program that should end by itself.

use std::process::{Command, Output, Stdio};

use crate::family::Mark;
use crate::printed::Printed;
use crate::{Faults, Subject, eventually_or, fresh_address};

/// Runs the program of `subject` with these arguments to its end, and returns what it printed. Its children end with
/// it.
///
/// # Panics
///
/// Panics if it does not end by itself before the deadline.
pub(crate) fn run(subject: &Subject, arguments: &[&str]) -> Output {
    let mut command = Command::new(subject.program());
    command.args(arguments);
    let program = format!("{} {}", subject.program().display(), arguments.join(" "));
    output(command, &program)
}

/// Runs `subject` as a server, under `faults` that end it, and returns what it printed.
///
/// # Panics
///
/// Panics if it does not end by itself before the deadline.
pub(crate) fn run_with(subject: &Subject, faults: Faults) -> Output {
    let mut command = subject.command_at(fresh_address());
    faults.prepare(&mut command);
    output(command, &subject.program().to_string_lossy())
}

/// Runs a command to its end and returns what it printed. Messages call it `program`.
fn output(mut command: Command, program: &str) -> Output {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mark = Mark::on(&mut command);
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

/// Kills everything that bears a mark when dropped, even in a panic.
struct KillAll(Mark);

impl Drop for KillAll {
    fn drop(&mut self) {
        self.0.kill_all(None);
    }
}
