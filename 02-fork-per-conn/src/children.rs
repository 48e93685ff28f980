//! The children of a server: which child serves which client, how the parent learns that a child has
//! ended, and how it reaps it.

use std::collections::HashMap;
use std::ffi::c_int;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal};
use nix::sys::signal::{sigaction, sigprocmask};
use nix::unistd::Pid;
use stage_01::{accept_or_pause, report};

/// The children that are alive, or that have ended and are not reaped yet, each with its client.
/// SIGCHLD is blocked except in [one call](Self::wait_for_client_or_child).
#[derive(Debug)]
pub struct Children {
    clients: HashMap<Pid, SocketAddr>,
    signals_before: SigSet,
    signals_while_waiting: SigSet,
}

impl Children {
    /// Prepares a server to wait for its children as well as for the clients of `listener`.
    ///
    /// Blocks SIGCHLD, and installs a handler that does nothing: without one the kernel would discard
    /// the signal, and no call would be interrupted (signal(7)). Makes `listener` non-blocking: a
    /// client may be gone when `accept` comes to take it, and an `accept` that slept then would leave
    /// children unreaped (accept(2), NOTES).
    ///
    /// # Errors
    ///
    /// Returns the errors of ioctl(2), sigaction(2) and sigprocmask(2).
    pub fn prepare(listener: &TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        extern "C" fn nothing(_: c_int) {}
        let handler = SigAction::new(
            SigHandler::Handler(nothing),
            SaFlags::empty(),
            SigSet::empty(),
        );
        // SAFETY: a handler may interrupt any code at any instruction, and so must not touch
        // anything that could be half-changed. This one touches nothing.
        unsafe { sigaction(Signal::SIGCHLD, &handler) }?;

        let mut signals_before = SigSet::empty();
        let blocked = SigSet::from(Signal::SIGCHLD);
        sigprocmask(
            SigmaskHow::SIG_BLOCK,
            Some(&blocked),
            Some(&mut signals_before),
        )?;
        let mut signals_while_waiting = signals_before;
        signals_while_waiting.remove(Signal::SIGCHLD);
        Ok(Self {
            clients: HashMap::new(),
            signals_before,
            signals_while_waiting,
        })
    }

    /// Sleeps until a client has come or a child has ended. Returns the client, or `None` if it was a
    /// child.
    ///
    /// ppoll(2) unblocks the signal and sleeps in one step. If these were two steps, a child could end
    /// between them, and the parent would not notice before the next client, which may never come.
    ///
    /// # Errors
    ///
    /// Returns the errors of ppoll(2), except `EINTR` (the child's end), and of [`accept_or_pause`].
    pub fn wait_for_client_or_child(
        &self,
        listener: &TcpListener,
    ) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut fds, None, Some(self.signals_while_waiting)) {
            Ok(_) => accept_or_pause(listener),
            Err(Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Notes that the process `child` serves `client`.
    pub fn add(&mut self, child: Pid, client: SocketAddr) {
        self.clients.insert(child, client);
    }

    /// Reaps every child that has ended, and reports those that did not end by themselves.
    ///
    /// This has to be a loop: signals do not queue, and a hundred children that end together may
    /// raise SIGCHLD once (signal(7), "standard signals").
    pub fn reap(&mut self) {
        while let Some((pid, status)) = reap_one() {
            let client = self.clients.remove(&pid);
            let client = client.map_or_else(|| "nobody".into(), |address| address.to_string());
            if !status.success() {
                report(format_args!(
                    "child {pid}, which served {client}, ended: {status}"
                ));
            }
        }
    }

    /// Restores the signals as they were before [`prepare`](Self::prepare). A child calls this: it has no
    /// children of its own to wait for.
    pub fn restore_signals(&self) {
        // The one error of sigprocmask(2) is a bad first argument.
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.signals_before), None);
    }
}

/// Reaps one child that has ended. Returns `None` if there is none.
///
/// nix's `waitpid` knows the signals by name only, and fails for a child that a real-time signal killed.
fn reap_one() -> Option<(Pid, ExitStatus)> {
    let mut status = 0;
    // SAFETY: the kernel writes an int through the pointer, which must be valid for that: it points
    // to a local variable.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    (pid > 0).then(|| (Pid::from_raw(pid), ExitStatus::from_raw(status)))
}
