//! The children of a server: who serves whom, and how they are reaped.

use std::collections::HashMap;
use std::ffi::c_int;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal};
use nix::sys::signal::{sigaction, sigprocmask};
use nix::unistd::Pid;
use stage_01::report;

/// The children that are alive, or that have ended and were not reaped yet, each with its client.
#[derive(Debug, Default)]
pub struct Children {
    clients: HashMap<Pid, SocketAddr>,
}

impl Children {
    /// Notes that the process `child` serves `client`.
    pub fn add(&mut self, child: Pid, client: SocketAddr) {
        self.clients.insert(child, client);
    }

    /// Reaps every child that has ended, and reports those that did not end by themselves.
    ///
    /// It has to be a loop: signals do not queue, and a hundred children that end together may
    /// raise SIGCHLD once (signal(7), "standard signals").
    pub fn reap(&mut self) {
        while let Some((pid, status)) = wait_without_blocking() {
            let client = self.clients.remove(&pid);
            let client = client.map_or_else(|| "nobody".into(), |address| address.to_string());
            if !status.success() {
                report(format_args!(
                    "child {pid}, which served {client}, ended: {status}"
                ));
            }
        }
    }
}

/// Reaps one child that has ended, if there is one.
///
/// nix's `waitpid` knows the signals by name only, and takes a child that a real-time signal ended
/// for an error.
fn wait_without_blocking() -> Option<(Pid, ExitStatus)> {
    let mut status = 0;
    // SAFETY: the kernel writes an int through the pointer, which must be valid for that: it is a
    // local variable's.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    (pid > 0).then(|| (Pid::from_raw(pid), ExitStatus::from_raw(status)))
}

/// SIGCHLD, let in at one place only: [`or_readable`](Self::or_readable).
#[derive(Debug)]
pub struct ChildSignal {
    before: SigSet,
    while_waiting: SigSet,
}

impl ChildSignal {
    /// Blocks SIGCHLD, and gives it a handler that does nothing: without one the signal would be
    /// discarded and interrupt no call (signal(7)).
    ///
    /// # Errors
    ///
    /// Those of sigaction(2) and sigprocmask(2).
    pub fn block() -> io::Result<Self> {
        extern "C" fn nothing(_: c_int) {}
        let handler = SigAction::new(
            SigHandler::Handler(nothing),
            SaFlags::empty(),
            SigSet::empty(),
        );
        // SAFETY: a handler may interrupt any code at any instruction, and so must not touch
        // anything that could be half-changed. This one touches nothing.
        unsafe { sigaction(Signal::SIGCHLD, &handler) }?;

        let mut before = SigSet::empty();
        let blocked = SigSet::from(Signal::SIGCHLD);
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before))?;
        let mut while_waiting = before;
        while_waiting.remove(Signal::SIGCHLD);
        Ok(Self {
            before,
            while_waiting,
        })
    }

    /// Sleeps until a child has ended, or `fd` is readable.
    ///
    /// ppoll(2) unblocks the signal and sleeps in one step. Were these two, a child that ended in
    /// between them would be noticed with the next client only: and that may never come.
    ///
    /// # Errors
    ///
    /// Those of ppoll(2), but for EINTR: that is the child's end.
    pub fn or_readable(&self, fd: &impl AsFd) -> io::Result<()> {
        let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut fds, None, Some(self.while_waiting)) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Gives a child the signals as they were before [`block`](Self::block).
    pub fn restore(&self) {
        // It cannot fail: its one error is a bad first argument (sigprocmask(2)).
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}
