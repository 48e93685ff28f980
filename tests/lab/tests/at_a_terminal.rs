//! A lesson at a terminal: it waits for its reader, and nowhere else.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail, ensure};
use lab::Lab;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};

const GUESS: &str = "Your guess";
const ENTER: &str = "Press Enter for the answer";
const ANSWER: &str = "Read on:";

/// A lesson, and the other end of its terminal.
struct Terminal {
    lesson: Child,
    keyboard: File,
    shown: String,
}

impl Terminal {
    fn new(arguments: &[&str]) -> anyhow::Result<Self> {
        // If it has to be compiled first, that takes longer than the patience below.
        Lab::new(env!("CARGO_BIN_EXE_lab")).stage(1)?;
        let (theirs, ours) = terminal()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.args(arguments).stdin(theirs.try_clone()?);
        command.stdout(theirs).stderr(Stdio::null());
        let lesson = command.spawn()?;
        Ok(Self {
            lesson,
            keyboard: ours,
            shown: String::new(),
        })
    }

    /// Reads until `text` comes, or the end. Returns whether it came.
    fn shows(&mut self, text: &str) -> anyhow::Result<bool> {
        while !self.shown.contains(text) {
            let mut screen = [PollFd::new(self.keyboard.as_fd(), PollFlags::POLLIN)];
            let patience = PollTimeout::try_from(suite::deadline())?;
            if poll(&mut screen, patience)? == 0 {
                bail!("no {text:?} in {:?}", self.shown);
            }
            let mut buffer = [0; 4096];
            // EIO once the lesson has closed its end.
            match self.keyboard.read(&mut buffer) {
                Ok(0) | Err(_) => return Ok(false),
                Ok(read) => self.shown += &String::from_utf8_lossy(&buffer[..read]),
            }
        }
        Ok(true)
    }

    fn types(&mut self, keys: &str) -> anyhow::Result<()> {
        Ok(self.keyboard.write_all(keys.as_bytes())?)
    }

    /// Checks that the lesson ends by itself, and well.
    fn ends_well(mut self) -> anyhow::Result<()> {
        ensure!(self.shows(ANSWER)?, "no answer in {:?}", self.shown);
        self.shows("what is never shown")?;
        let status = self.lesson.wait().context("the lesson is gone")?;
        ensure!(status.success(), "{status}: {:?}", self.shown);
        Ok(())
    }
}

/// Returns a terminal, and its other end. No process that another test starts meanwhile keeps them, which openpty(3) does
/// not promise: it would hold the terminal open after the lesson's end.
fn terminal() -> anyhow::Result<(File, File)> {
    let ours = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let mut terminal = File::options();
    let terminal = terminal.read(true).write(true);
    let terminal = terminal.custom_flags(OFlag::O_NOCTTY.bits());
    let theirs = terminal.open(ptsname_r(&ours)?)?;
    Ok((theirs, File::from(OwnedFd::from(ours))))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A lesson that has ended cannot be killed.
        let _ = self.lesson.kill();
        let _ = self.lesson.wait();
    }
}

#[test]
fn it_waits_for_enter_before_the_answer() -> anyhow::Result<()> {
    for keys in ["\n", "\u{4}"] {
        let mut terminal = Terminal::new(&["lesson", "01"])?;
        ensure!(terminal.shows(GUESS)?, "{:?}", terminal.shown);
        terminal.types("1\n")?;
        ensure!(terminal.shows(ENTER)?, "{:?}", terminal.shown);
        let shown = &terminal.shown;
        ensure!(!shown.contains(ANSWER), "it did not wait: {shown:?}");
        terminal.types(keys)?;
        terminal.ends_well()?;
    }
    Ok(())
}

#[test]
fn it_asks_for_nothing_if_told_so() -> anyhow::Result<()> {
    let mut terminal = Terminal::new(&["lesson", "01", "--yes"])?;
    ensure!(terminal.shows(ANSWER)?, "{:?}", terminal.shown);
    let shown = &terminal.shown;
    ensure!(
        !shown.contains(GUESS) && !shown.contains(ENTER),
        "{shown:?}"
    );
    terminal.ends_well()
}
