//! The end of an event loop: a signal, as a descriptor among the others.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// How long clients that do not read may hold up the end of the server.
pub const GRACE: Duration = Duration::from_secs(2);

/// How often a loop that drains checks which clients are quiet by now: no event reports that the last
/// byte has been acknowledged.
pub const LOOK: Duration = Duration::from_millis(10);

/// SIGTERM and SIGINT: the first one asks the server to finish, the second one ends it.
///
/// To finish, the server accepts the clients that are waiting, and no more. It serves until nothing is
/// under way (the *drain*), and closes each connection once it is [quiet](crate::is_quiet).
///
/// A handler could run just before the loop falls asleep, and the loop would not notice. A signal that
/// is blocked, and read from a descriptor, is one more thing to wait for (signalfd(2)).
#[derive(Debug)]
pub struct Shutdown {
    signals: SigSet,
    descriptor: SignalFd,
    /// When the drain ends, once it has begun.
    deadline: Option<Instant>,
}

impl Shutdown {
    /// Blocks both signals for this thread, and opens a descriptor for them.
    ///
    /// A signal that was ignored when the program started stays ignored: a shell does that for
    /// `stage-05 &` in a script. If it were blocked, it would reach the descriptor (signalfd(2)).
    ///
    /// # Errors
    ///
    /// Returns the errors of signalfd(2) and sigprocmask(2).
    pub fn on_signals() -> io::Result<Self> {
        let both = [Signal::SIGTERM, Signal::SIGINT].into_iter();
        let signals: SigSet = both.filter(|signal| !is_ignored(*signal)).collect();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&signals), None)?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Self {
            signals,
            descriptor: SignalFd::with_flags(&signals, flags)?,
            deadline: None,
        })
    }

    /// Takes the signal that has come, and begins the drain. From here on the signals do what they do
    /// by default. Returns `false` if no signal has come.
    ///
    /// # Errors
    ///
    /// Returns the errors of read(2) and sigprocmask(2).
    pub fn begin(&mut self) -> io::Result<bool> {
        if self.descriptor.read_signal()?.is_none() {
            return Ok(false);
        }
        sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&self.signals), None)?;
        self.deadline = Some(Instant::now() + GRACE);
        Ok(true)
    }

    /// Returns whether the server drains.
    pub fn has_begun(&self) -> bool {
        self.deadline.is_some()
    }

    /// Returns whether the loop should end: every client has what it is owed, or its time is up.
    pub fn is_over(&self, no_clients_left: bool) -> bool {
        let is_up = |deadline| no_clients_left || Instant::now() >= deadline;
        self.deadline.is_some_and(is_up)
    }

    /// Returns how long the loop may sleep at most because of the drain.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|_| LOOK)
    }
}

impl AsFd for Shutdown {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

fn is_ignored(signal: Signal) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: a new action could be a handler that is not safe to run; a null pointer sets none. The
    // kernel writes the present action through the other pointer, to a local variable.
    let asked = unsafe { libc::sigaction(signal as i32, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: memory that was never written could be read. The call has filled it if it returned 0.
    asked == 0 && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}
