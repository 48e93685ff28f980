//! A client of either listener.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use stage_04::{Connection, Interest};
use stage_05::is_quiet;
use stage_06::Token;

use crate::{ECHO, Session, Site};

/// Two kinds of client, of one shape for the loop.
#[derive(Debug)]
pub(crate) enum Client {
    /// A client that wants its bytes back.
    Echo(Connection),
    /// A client that asks for files.
    Http(Session),
}

impl Client {
    /// Creates the client of the listener `door`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Connection::new`] and [`Session::new`].
    pub(crate) fn new(door: Token, stream: TcpStream, site: &mut Site) -> io::Result<Self> {
        if door == ECHO {
            Connection::new(stream).map(Self::Echo)
        } else {
            Session::new(stream, site).map(Self::Http)
        }
    }

    /// Returns what to wait for, or `None` when the connection is finished.
    pub(crate) fn interest(&self) -> Option<Interest> {
        match self {
            Self::Echo(connection) => connection.interest(),
            Self::Http(session) => session.interest(),
        }
    }

    /// Does one step of what the client waits for, and returns its interest after that.
    pub(crate) fn on_ready(&mut self, scratch: &mut [u8], site: &mut Site) -> Option<Interest> {
        match self {
            Self::Echo(connection) => connection.on_ready(scratch),
            Self::Http(session) => session.on_ready(scratch, site),
        }
    }

    /// Returns whether nothing is under way on its connection.
    pub(crate) fn is_quiet(&self) -> bool {
        match self {
            Self::Echo(connection) => is_quiet(connection),
            Self::Http(session) => session.is_quiet(),
        }
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Echo(connection) => connection.as_fd(),
            Self::Http(session) => session.as_fd(),
        }
    }
}
