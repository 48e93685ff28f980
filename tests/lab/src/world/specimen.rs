//! Small programs that do one thing, for experiments to watch.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, ensure};
use suite::{Faults, Process};

use super::Lab;

/// A specimen under observation: a process of the lab's own program, of one thread, that runs one of the functions in a
/// chapter's `specimens`. Each line that it receives makes it go on, and it prints a line when it gets there. Dropping
/// this kills and reaps it.
#[derive(Debug)]
pub struct Specimen {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// The work of a specimen, called with its arguments.
pub type SpecimenMain = fn(&[String]) -> anyhow::Result<()>;

impl Lab {
    /// Starts the specimen `name`.
    ///
    /// # Errors
    ///
    /// Fails if it does not start.
    pub fn specimen(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Specimen> {
        self.specimen_with(name, arguments, Faults::default())
    }

    /// Starts a specimen under faults.
    pub(crate) fn specimen_with(
        &self,
        name: &str,
        arguments: &[&str],
        faults: Faults,
    ) -> anyhow::Result<Specimen> {
        let mut command = Command::new(&self.program);
        command.arg("specimen").arg(name).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.process_group(0);
        faults.prepare(&mut command);
        let child = command.spawn();
        let mut child = child.with_context(|| format!("cannot start the specimen {name}"))?;
        let stdout = child.stdout.take().context("it has no standard output")?;
        Ok(Specimen {
            stdin: child.stdin.take(),
            stdout: BufReader::new(stdout),
            child,
        })
    }
}

impl Specimen {
    /// Returns the specimen's process, as /proc shows it.
    pub(crate) fn process(&self) -> Process {
        Process::new(self.pid())
    }

    /// Returns the specimen's process id.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Sends the specimen a line, such as "go".
    pub(crate) fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let stdin = self.stdin.as_mut().context("its input is closed")?;
        writeln!(stdin, "{line}").context("the specimen does not read its standard input")
    }

    /// Waits for the specimen's next line, and returns it. Fails if the specimen has ended instead.
    pub(crate) fn hear(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        ensure!(line.ends_with('\n'), "the specimen has ended");
        Ok(line.trim_end().to_owned())
    }

    /// Waits until the specimen says `line`. Fails if it says something else.
    pub(crate) fn expect(&mut self, line: &str) -> anyhow::Result<()> {
        let heard = self.hear()?;
        ensure!(heard == line, "the specimen said `{heard}`, not `{line}`");
        Ok(())
    }

    /// Tells the specimen to go on, and waits until it says `done`.
    pub(crate) fn go_on(&mut self, done: &str) -> anyhow::Result<()> {
        self.tell("go on")?;
        self.expect(done)
    }

    /// Closes the specimen's standard input, and waits for its end.
    pub(crate) fn end(&mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        self.child.wait()
    }
}

impl Drop for Specimen {
    fn drop(&mut self) {
        self.process().kill_descendants();
        // Both fail if it has already ended and been reaped, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits, inside a specimen, for the lab's next line, or for the end of its input.
pub(crate) fn be_told() -> anyhow::Result<()> {
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// The specimens that belong to no single chapter.
pub(crate) const SPECIMENS: [(&str, SpecimenMain); 2] =
    [("pause", pause), ("become", become_program)];

/// Does nothing until its standard input is closed.
fn pause(_: &[String]) -> anyhow::Result<()> {
    println!("ready");
    be_told()
}

/// Becomes the program that its arguments name when told to, so that a trace begins with that program's first call.
fn become_program(arguments: &[String]) -> anyhow::Result<()> {
    let (program, arguments) = arguments.split_first().context("which program?")?;
    println!("ready");
    be_told()?;
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("cannot execute {program}"))
}
