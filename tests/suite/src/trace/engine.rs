//! The engine as the test process sees it, and how the two talk.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};

use super::tracees::Tracees;
use crate::{Process, deadline};

/// What the engine says: one of the kinds below, a thread, a value and, of a call, its arguments.
pub(super) type Report = [u64; 9];
pub(super) const REFUSED: u64 = 0; // value: errno
pub(super) const ENTRY: u64 = 1; // value: the call's number; at first, tells that a thread is seized
pub(super) const EXIT: u64 = 2; // value: the call's result; the thread stays stopped until the answer
pub(super) const EXEC: u64 = 3; // value: the thread's identity before
pub(super) const GONE: u64 = 4;

pub(super) const RESTART: u64 = libc::SYS_restart_syscall as u64;

/// The number and arguments of the last call that each thread has entered.
pub(super) type Entries = HashMap<u64, (u64, [u64; 6])>;

/// The forked process, and the line to it.
pub(super) struct Engine {
    process: Pid,
    pub(super) line: UnixStream,
}

impl Engine {
    pub(super) fn start() -> io::Result<Engine> {
        let (line, its_line) = UnixStream::pair()?;
        let mut tracees = Tracees::new(&its_line);
        // SAFETY: other threads may hold locks at the fork, the allocator's among them, that
        // nobody will release in the child: `serve` neither allocates, locks, returns nor unwinds.
        match unsafe { fork()? } {
            ForkResult::Child => tracees.serve(),
            ForkResult::Parent { child } => Ok(Engine {
                process: child,
                line,
            }),
        }
    }

    /// Seizes all threads, and has them followed from then on. What a seized thread starts is
    /// seized by the kernel: all are, once a listing shows none that was not tried.
    pub(super) fn seize_process(&mut self, pid: i32) -> io::Result<Entries> {
        if pid as u32 == process::id() {
            return Err(Errno::EDEADLK.into()); // the recorder would be stopped as well
        }
        self.line.set_read_timeout(Some(deadline()))?;
        let (mut tried, mut entries) = (HashSet::new(), Entries::new());
        let threads = || Process::new(pid).threads().into_iter();
        while let Some(thread) = threads().find(|thread| tried.insert(thread.pid())) {
            self.seize(thread.pid().as_raw(), &mut entries)?;
        }
        self.line.set_read_timeout(None)?;
        self.line.write_all(&0_i32.to_ne_bytes())?;
        if entries.is_empty() {
            Err(Errno::ESRCH.into())
        } else {
            Ok(entries)
        }
    }

    fn seize(&mut self, tid: i32, entries: &mut Entries) -> io::Result<()> {
        self.line.write_all(&tid.to_ne_bytes())?;
        match receive(&self.line) {
            Ok([ENTRY, tid, number, args @ ..]) => drop(entries.insert(tid, (number, args))),
            Ok(_) if self.needs_no_seizing(tid) => {}
            Ok([_, _, errno, ..]) => return Err(io::Error::from_raw_os_error(errno as i32)),
            Err(late) if late.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Returns whether a thread that could not be seized has ended, or was started by a seized one.
    fn needs_no_seizing(&self, tid: i32) -> bool {
        let thread = Process::new(tid);
        let is_ours = |tracer: u64| tracer == self.process.as_raw() as u64;
        thread.state() == 'Z' || thread.status("TracerPid").is_none_or(is_ours)
    }
}

impl Drop for Engine {
    /// The engine may be at the line or asleep, hence both. When it is waited for, all are free.
    fn drop(&mut self) {
        let _ = self.line.shutdown(Shutdown::Both); // fails if the engine has ended
        let _ = kill(self.process, Signal::SIGTERM); // cannot fail: not waited for yet
        let _ = waitpid(self.process, None);
    }
}

pub(super) fn receive(mut line: &UnixStream) -> io::Result<Report> {
    let mut bytes = [0; size_of::<Report>()];
    line.read_exact(&mut bytes)?;
    let mut report = Report::default();
    for (word, bytes) in report.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_ne_bytes(*bytes);
    }
    Ok(report)
}

/// Runs in the engine: see [`Engine::start`] for what it must not do.
pub(super) fn send(mut line: &UnixStream, report: Report) -> io::Result<()> {
    let mut bytes = [0; size_of::<Report>()];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(report) {
        *bytes = word.to_ne_bytes();
    }
    line.write_all(&bytes)
}
