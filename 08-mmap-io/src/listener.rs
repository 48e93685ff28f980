//! The server's listeners: one for the echo, and one for HTTP if there are files to serve.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use stage_04::Acceptor;
use stage_06::{Selector, Token, watch};

/// A listener, and whether it is on epoll's list.
#[derive(Debug)]
pub(crate) struct Listener {
    token: Token,
    pub(crate) acceptor: Acceptor,
    is_listed: bool,
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
            is_listed: false,
        })
    }

    /// Puts the listener on the list, or takes it off while it is paused.
    pub(crate) fn watch(&mut self, selector: &Selector) {
        self.is_listed = watch(selector, self.token, &mut self.acceptor, self.is_listed);
    }
}

/// Accepts all clients that wait at the listener of that token. To accept a single one would not do: a
/// wake-up may send a lot, and the next one may be long in coming.
///
/// # Errors
///
/// Returns the errors of accept(2) that are fatal.
pub(crate) fn accept_waiting(
    listeners: &mut [Listener],
    token: Token,
) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    match listeners.iter_mut().find(|one| one.token == token) {
        Some(listener) => listener.acceptor.accept_waiting(),
        None => Ok(Vec::new()),
    }
}
