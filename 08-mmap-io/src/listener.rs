//! The server's listeners: one for the echo, one for HTTP.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use stage_04::Acceptor;
use stage_06::{Selector, Token, watch};

/// A listener, and whether it is on epoll's list.
#[derive(Debug)]
pub(crate) struct Listener {
    token: Token,
    acceptor: Acceptor,
    is_watched: bool,
}

impl Listener {
    /// Makes `listener` non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the error of ioctl(2), FIONBIO.
    pub(crate) fn new(token: Token, listener: TcpListener) -> io::Result<Self> {
        Ok(Self {
            token,
            acceptor: Acceptor::new(listener)?,
            is_watched: false,
        })
    }

    /// Puts the listener on the list, or takes it off while it is paused.
    pub(crate) fn watch(&mut self, selector: &Selector) {
        self.is_watched = watch(selector, self.token, &mut self.acceptor, self.is_watched);
    }

    /// Returns how long the loop may sleep at most because of a pause.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.acceptor.time_left()
    }

    /// Ends a pause if its time is up, or if the server has `freed` a descriptor.
    pub(crate) fn resume_if(&mut self, freed: bool) {
        self.acceptor.resume_if(freed);
    }

    /// Stops listening, for good.
    pub(crate) fn close(&mut self) {
        self.acceptor.close();
    }
}

/// Accepts all clients that wait at the listener of that token. One of them a wake-up would not do: a
/// wake-up may send a lot, and the next one may be long in coming.
///
/// # Errors
///
/// Returns the errors of accept(2) that are fatal.
pub(crate) fn accept_waiting(
    listeners: &mut [Listener],
    token: Token,
) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    let listener = listeners.iter_mut().find(|one| one.token == token);
    listener.map_or(Ok(Vec::new()), |listener| {
        listener.acceptor.accept_waiting()
    })
}
