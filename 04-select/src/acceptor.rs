//! The listener of an event loop.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use stage_01::{AcceptError, Shortage};

/// Clients that are let in between two looks at those that are in already, at most.
const AT_A_TIME: usize = 64;

/// A listener that does not block, and that is not [watched](Self::watched) while descriptors or
/// memory are short.
///
/// A client that cannot be let in stays in the queue, so that the listener stays readable: a loop
/// that went on watching it would spin.
#[derive(Debug)]
pub struct Acceptor {
    /// `None` once it is closed.
    listener: Option<TcpListener>,
    shortage: Shortage,
    paused_until: Option<Instant>,
}

impl Acceptor {
    /// Makes `listener` non-blocking: the client that made it readable may be gone when it is
    /// accepted, and `accept` would then block the loop (accept(2), NOTES).
    ///
    /// # Errors
    ///
    /// That of ioctl(2), FIONBIO.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: Some(listener),
            shortage: Shortage::default(),
            paused_until: None,
        })
    }

    /// The listener, until it is closed.
    pub fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(AsFd::as_fd)
    }

    /// The listener, if it is to be watched for clients at present.
    pub fn watched(&self) -> Option<BorrowedFd<'_>> {
        self.listener().filter(|_| self.paused_until.is_none())
    }

    /// Lets in the next client. `None`: nobody waits, or nobody can be let in for now.
    ///
    /// # Errors
    ///
    /// [`AcceptError::Fatal`].
    pub fn accept(&mut self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let Some(listener) = &self.listener else {
            return Ok(None);
        };
        loop {
            match listener.accept().map_err(AcceptError::from) {
                Ok(client) => return Ok(Some(client)),
                Err(AcceptError::Retry) => {}
                Err(AcceptError::WouldBlock) => return Ok(None),
                Err(AcceptError::Exhausted(error)) => {
                    self.pause(&error);
                    return Ok(None);
                }
                Err(AcceptError::Fatal(error)) => return Err(error),
            }
        }
    }

    /// Lets in all clients that wait, or the first of them if they are very many. (A loop whose every
    /// wake-up costs a scan does well to let in more than one at a time.)
    ///
    /// # Errors
    ///
    /// [`AcceptError::Fatal`].
    pub fn accept_waiting(&mut self) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
        let mut clients = Vec::new();
        while clients.len() < AT_A_TIME
            && let Some(client) = self.accept()?
        {
            clients.push(client);
        }
        Ok(clients)
    }

    /// Leaves the listener alone for a while, because `error` says that something is short.
    pub fn pause(&mut self, error: &io::Error) {
        self.paused_until = Some(Instant::now() + self.shortage.report(error));
    }

    /// Ends a pause if its time has come, or if this server itself `freed` a descriptor.
    pub fn resume_if(&mut self, freed: bool) {
        if freed || self.time_left().is_some_and(|left| left.is_zero()) {
            self.paused_until = None;
        }
    }

    /// How long the loop may sleep at most because of a pause.
    pub fn time_left(&self) -> Option<Duration> {
        let end = self.paused_until?;
        Some(end.saturating_duration_since(Instant::now()))
    }

    /// Stops listening, for good. Clients that still wait in the queue are reset.
    pub fn close(&mut self) {
        self.listener = None;
        self.paused_until = None;
    }
}
