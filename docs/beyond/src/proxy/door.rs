//! The listener of a proxy.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use stage_01::{AcceptError, accept_once, report_shortage};
use stage_04::{Arrival, Interest};

use super::pair::{Pair, turned_away};

/// How many clients are accepted at most before the loop goes back to its pairs.
const AT_A_TIME: usize = 64;

/// How many clients can wait for `accept`: net.core.somaxconn, by default (listen(2)).
const QUEUE: usize = 4096;

/// A listener that is paused while descriptors are short, as stage 4's acceptor is.
///
/// A pair needs two descriptors. The door has the one for the backend *before* it accepts the client.
/// The other way round, clients could take the last descriptors, and none of them would have a backend.
#[derive(Debug)]
pub(super) struct Door {
    /// `None` once it is closed.
    listener: Option<TcpListener>,
    backend: SocketAddr,
    paused_until: Option<Instant>,
}

impl Door {
    /// Makes `listener` non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the error of ioctl(2), FIONBIO.
    pub(super) fn new(listener: TcpListener, backend: SocketAddr) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: Some(listener),
            backend,
            paused_until: None,
        })
    }

    /// Returns the listener, until it is closed.
    pub(super) fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(AsFd::as_fd)
    }

    /// Returns what to wait for: clients, or nothing while the door is paused, or closed.
    pub(super) fn interest(&self) -> Option<Interest> {
        let is_open = self.listener.is_some() && self.paused_until.is_none();
        is_open.then_some(Interest::Read)
    }

    /// Accepts the clients that wait, up to 64 of them, begins to connect each to the backend, and hands
    /// the pair to `admit`. Returns whether more clients may wait. Pauses if descriptors are short.
    ///
    /// # Errors
    ///
    /// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
    pub(super) fn accept_waiting(&mut self, mut admit: impl FnMut(Pair)) -> io::Result<bool> {
        let mut failed = None;
        for _ in 0..AT_A_TIME {
            match self.accept_one() {
                Ok((client, socket)) => {
                    let address = client.1;
                    match Pair::connect(client, socket, self.backend) {
                        Ok(pair) => admit(pair),
                        Err(error) => turned_away(address, format_args!("no backend: {error}")),
                    }
                    failed = None;
                }
                Err(AcceptError::WouldBlock) => return Ok(false),
                Err(AcceptError::Retry(error)) => failed = Some(error),
                Err(AcceptError::Exhausted(error)) => {
                    self.pause(&error);
                    return Ok(true);
                }
                Err(AcceptError::Fatal(error)) => return Err(error),
            }
        }
        // The last calls have failed, and the next ones may fail as well.
        if let Some(error) = failed {
            self.pause(&error);
        }
        Ok(true)
    }

    /// Returns a client, and a socket for its backend. Closes that again if no client waits.
    fn accept_one(&self) -> Result<(Arrival, OwnedFd), AcceptError> {
        let listener = self.listener.as_ref().ok_or(AcceptError::WouldBlock)?;
        let socket = new_socket(self.backend)?;
        let client = accept_once(listener)?;
        Ok((client, socket))
    }

    /// Leaves the listener alone for a while.
    fn pause(&mut self, error: &io::Error) {
        self.paused_until = Some(Instant::now() + report_shortage(error));
    }

    /// Ends a pause if its time is up, or if a pair has `freed` its descriptors.
    pub(super) fn end_pause_if_due(&mut self, freed: bool) {
        if freed || self.time_left().is_some_and(|left| left.is_zero()) {
            self.paused_until = None;
        }
    }

    /// Returns how long the loop may sleep at most because of a pause.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let end = self.paused_until?;
        Some(end.saturating_duration_since(Instant::now()))
    }

    /// Accepts all clients that wait, and stops listening for good.
    ///
    /// # Errors
    ///
    /// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
    pub(super) fn close(&mut self, mut admit: impl FnMut(Pair)) -> io::Result<()> {
        self.paused_until = None;
        for _ in 0..QUEUE / AT_A_TIME {
            if !self.accept_waiting(&mut admit)? || self.paused_until.is_some() {
                break;
            }
        }
        self.listener = None;
        self.paused_until = None;
        Ok(())
    }
}

/// Opens a socket that does not block, for a connection to `backend`.
fn new_socket(backend: SocketAddr) -> io::Result<OwnedFd> {
    let family = match backend {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    Ok(socket(family, SockType::Stream, flags, None)?)
}
