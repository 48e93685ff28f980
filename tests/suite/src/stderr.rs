//! A standard error that takes nothing, and may take something later.

use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{FlowArg, tcflow};

use crate::faults::Log;
use crate::printed::Printed;

/// The other end of a standard error that takes nothing.
#[derive(Debug)]
pub(crate) enum Unread {
    /// A pipe that is full.
    Pipe(PipeReader),
    /// A terminal that was stopped: the end of its reader, and another copy of the server's.
    Terminal(OwnedFd, OwnedFd),
}

impl Unread {
    /// Makes the standard error of `command` what `log` says, and returns its other end, if it has one that can be read
    /// later.
    pub(crate) fn prepare(command: &mut Command, log: Log) -> Option<Self> {
        match log {
            Log::Read | Log::Closed => None,
            Log::Full => {
                let (reader, writer) = full_pipe();
                command.stderr(writer);
                Some(Self::Pipe(reader))
            }
            Log::FullDisk => {
                let disk = OpenOptions::new().write(true).open("/dev/full");
                let disk = disk.unwrap_or_else(|error| panic!("cannot open /dev/full: {error}"));
                command.stderr(disk);
                None
            }
            Log::StoppedTerminal => {
                let (reader, writer, copy) = stopped_terminal();
                command.stderr(Stdio::from(writer));
                Some(Self::Terminal(reader, copy))
            }
        }
    }

    /// Begins to read it: from then on it takes what it is given.
    pub(crate) fn read(self) -> Printed {
        match self {
            Self::Pipe(reader) => Printed::of(Some(reader)),
            Self::Terminal(reader, copy) => {
                let started = tcflow(&copy, FlowArg::TCOON);
                assert_eq!(started, Ok(()), "cannot start a terminal's output");
                Printed::of(Some(File::from(reader)))
            }
        }
    }
}

/// Returns the two ends of a terminal whose output was stopped, as by Ctrl-S (termios(3), IXON), and a copy of the second.
fn stopped_terminal() -> (OwnedFd, OwnedFd, OwnedFd) {
    let stopped = openpty(None, None)
        .map_err(io::Error::from)
        .and_then(|ends| {
            let copy = ends.slave.try_clone()?;
            tcflow(&copy, FlowArg::TCOOFF)?;
            Ok((ends.master, ends.slave, copy))
        });
    stopped.unwrap_or_else(|error| panic!("cannot stop a terminal: {error}"))
}

/// Returns the two ends of a pipe that is full.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let filled = io::pipe().and_then(|(reader, mut writer)| {
        let flags = OFlag::from_bits_retain(fcntl(&writer, FcntlArg::F_GETFL)?);
        fcntl(&writer, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        while writer.write(&[b'\n'; 4096]).is_ok() {}
        // The server gets a pipe that blocks, as from a shell.
        fcntl(&writer, FcntlArg::F_SETFL(flags))?;
        Ok((reader, writer))
    });
    filled.unwrap_or_else(|error| panic!("cannot fill a pipe: {error}"))
}
