//! The listener of an event loop.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use stage_01::{AcceptError, accept_once, report_shortage};

use crate::Interest;

/// How many times a loop calls accept(2), at most, before it goes back to its connections.
const AT_A_TIME: usize = 64;

/// How many clients can wait for `accept`: net.core.somaxconn, by default (listen(2)).
const QUEUE: usize = 4096;

/// A client that has just come, and its address.
pub type Arrival = (TcpStream, SocketAddr);

/// A listener that does not block, and that is paused while descriptors or memory are short.
///
/// A client that cannot be accepted stays in the queue, so the listener stays ready. A loop that went
/// on waiting for it would spin.
#[derive(Debug)]
pub struct Acceptor {
    /// `None` once it is closed.
    listener: Option<TcpListener>,
    paused_until: Option<Instant>,
}

impl Acceptor {
    /// Makes `listener` non-blocking: the client that made it ready may be gone when it is to be
    /// accepted, and `accept` would then block the loop (accept(2), NOTES).
    ///
    /// # Errors
    ///
    /// Returns the error of ioctl(2), FIONBIO.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: Some(listener),
            paused_until: None,
        })
    }

    /// Returns the listener, until it is closed.
    pub fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(AsFd::as_fd)
    }

    /// Returns what to wait for: clients, or nothing while the listener is paused, or closed.
    pub fn interest(&self) -> Option<Interest> {
        self.is_open().then_some(Interest::Read)
    }

    /// Returns whether clients can be accepted now: the listener is neither paused nor closed.
    pub fn is_open(&self) -> bool {
        self.listener.is_some() && self.paused_until.is_none()
    }

    /// Accepts the clients that wait, up to 64 of them, and appends them to `arrivals`. Returns whether
    /// more clients may wait. Pauses the listener if descriptors or memory are short.
    ///
    /// # Errors
    ///
    /// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
    pub fn accept_waiting(&mut self, arrivals: &mut Vec<Arrival>) -> io::Result<bool> {
        let Some(listener) = &self.listener else {
            return Ok(false);
        };
        let before = arrivals.len();
        let mut failed = None;
        for _ in 0..AT_A_TIME {
            match accept_once(listener) {
                Ok(client) => arrivals.push(client),
                Err(AcceptError::WouldBlock) => return Ok(false),
                Err(AcceptError::Retry(error)) => failed = Some(error),
                Err(AcceptError::Exhausted(error)) => {
                    self.pause(&error);
                    return Ok(true);
                }
                Err(AcceptError::Fatal(error)) => return Err(error),
            }
        }
        // Every single call has failed, and the next ones may fail as well.
        if let Some(error) = failed.filter(|_| arrivals.len() == before) {
            self.pause(&error);
        }
        Ok(true)
    }

    fn pause(&mut self, error: &io::Error) {
        self.paused_until = Some(Instant::now() + report_shortage(error));
    }

    /// Ends a pause if its time is up, or if this server itself has `freed` a descriptor.
    pub fn end_pause_if_due(&mut self, freed: bool) {
        if freed || self.time_left().is_some_and(|left| left.is_zero()) {
            self.paused_until = None;
        }
    }

    /// Returns how long the loop may sleep at most because of a pause.
    pub fn time_left(&self) -> Option<Duration> {
        let end = self.paused_until?;
        Some(end.saturating_duration_since(Instant::now()))
    }

    /// Accepts all clients that wait, appends them to `arrivals`, and stops listening for good. Closing the
    /// listener resets the clients that are left in its queue.
    ///
    /// # Errors
    ///
    /// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
    pub fn close(&mut self, arrivals: &mut Vec<Arrival>) -> io::Result<()> {
        self.paused_until = None;
        for _ in 0..QUEUE / AT_A_TIME {
            if !self.accept_waiting(arrivals)? || !self.is_open() {
                break;
            }
        }
        self.listener = None;
        self.paused_until = None;
        Ok(())
    }
}

/// Returns a time limit in milliseconds, rounded up: a loop that woke just before its time would find
/// nothing to do, and spin.
pub fn milliseconds(limit: Duration) -> u16 {
    u16::try_from(limit.as_millis() + 1).unwrap_or(u16::MAX)
}
