//! Small programs that do one thing, to be looked at while they do it.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, bail, ensure};
use suite::{Faults, Process};

use super::hostile::HOSTILE;

/// A specimen under observation: a process of the lab's own program, of one thread, that runs one of the
/// functions in a chapter's `SPECIMENS`. It goes on when it is told to, a line at a time, and says a
/// line when it is there. It is killed and reaped when this is dropped.
#[derive(Debug)]
pub struct Specimen {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// The work of a specimen, which is given its arguments.
pub type SpecimenMain = fn(&[String]) -> anyhow::Result<()>;

impl Specimen {
    pub(super) fn start(
        program: &Path,
        name: &str,
        arguments: &[&str],
        faults: Faults,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("specimen").arg(name).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.process_group(0);
        faults.prepare(&mut command);
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start the specimen {name}"))?;
        let stdin = child.stdin.take();
        let Some(stdout) = child.stdout.take().map(BufReader::new) else {
            bail!("the specimen {name} has no standard output");
        };
        Ok(Self {
            child,
            stdin,
            stdout,
        })
    }

    /// Its process, as /proc shows it.
    pub fn process(&self) -> Process {
        Process::new(self.child.id().cast_signed())
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Tells it a line: "go", say.
    ///
    /// # Errors
    ///
    /// If it does not listen any more.
    pub fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let stdin = self.stdin.as_mut().context("its standard input is shut")?;
        writeln!(stdin, "{line}").context("the specimen does not listen")
    }

    /// The next line that it says. Waits for it.
    ///
    /// # Errors
    ///
    /// If it has ended instead.
    pub fn hear(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        ensure!(line.ends_with('\n'), "the specimen has ended");
        Ok(line.trim_end().to_owned())
    }

    /// Waits until it says `line`.
    ///
    /// # Errors
    ///
    /// If it says something else.
    pub fn expect(&mut self, line: &str) -> anyhow::Result<()> {
        let heard = self.hear()?;
        ensure!(heard == line, "the specimen said `{heard}`, not `{line}`");
        Ok(())
    }

    /// Shuts its standard input, and waits for its end.
    ///
    /// # Errors
    ///
    /// Returns the errors of wait(2).
    pub fn end(&mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        self.child.wait()
    }
}

impl Drop for Specimen {
    fn drop(&mut self) {
        self.process().kill_descendants();
        // Both fail if it has ended and was waited for, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The specimens that belong to no chapter.
pub(crate) const SPECIMENS: [(&str, SpecimenMain); 2] = [("pause", pause), HOSTILE];

/// Does nothing, until its standard input is shut.
fn pause(_: &[String]) -> anyhow::Result<()> {
    println!("ready");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
