//! The end of an event loop: a signal, as a descriptor among the others.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// How long clients that do not read may hold up the end of the server.
const GRACE: Duration = Duration::from_secs(5);

/// How often to look which clients are quiet by now: no event tells that the last byte has been
/// acknowledged.
const LOOK: Duration = Duration::from_millis(10);

/// SIGTERM and SIGINT: the first one asks the server to finish, the second one ends it.
///
/// To finish is to let in nobody, and to go on serving until nothing is under way: each connection is
/// closed as soon as it is [quiet](crate::is_quiet).
///
/// A handler could interrupt the loop anywhere, or just before it falls asleep, unnoticed. A signal
/// that is blocked and read from a descriptor is one more thing to wait for (signalfd(2)).
#[derive(Debug)]
pub struct Shutdown {
    signals: SignalFd,
    drain: Option<Drain>,
}

/// A shutdown that has begun.
#[derive(Debug)]
struct Drain {
    deadline: Instant,
    next_look: Instant,
}

impl Shutdown {
    /// Blocks both signals for this thread and those that it starts, and opens a descriptor for them.
    ///
    /// # Errors
    ///
    /// Those of signalfd(2) and sigprocmask(2).
    pub fn on_signals() -> io::Result<Self> {
        let signals = both_signals();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&signals), None)?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Self {
            signals: SignalFd::with_flags(&signals, flags)?,
            drain: None,
        })
    }

    /// Takes the signal that has come, if one has: then it is time to stop listening. From here on the
    /// signals do what they do by default.
    ///
    /// # Errors
    ///
    /// Those of read(2) and sigprocmask(2).
    pub fn begin(&mut self) -> io::Result<bool> {
        if self.signals.read_signal()?.is_none() {
            return Ok(false);
        }
        sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&both_signals()), None)?;
        let now = Instant::now();
        self.drain = Some(Drain {
            deadline: now + GRACE,
            next_look: now,
        });
        Ok(true)
    }

    /// Whether to look, now, which connections are quiet.
    pub fn is_time_to_look(&mut self) -> bool {
        let Some(drain) = &mut self.drain else {
            return false;
        };
        let now = Instant::now();
        let due = now >= drain.next_look;
        if due {
            drain.next_look = now + LOOK;
        }
        due
    }

    /// Whether the loop should end: every client has what it is owed, or had its time.
    pub fn is_over(&self, no_clients_left: bool) -> bool {
        let over = |drain: &Drain| no_clients_left || Instant::now() >= drain.deadline;
        self.drain.as_ref().is_some_and(over)
    }

    /// How long the loop may sleep at most because of a shutdown.
    pub fn time_left(&self) -> Option<Duration> {
        let drain = self.drain.as_ref()?;
        Some(drain.next_look.saturating_duration_since(Instant::now()))
    }
}

impl AsFd for Shutdown {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

fn both_signals() -> SigSet {
    SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT])
}
