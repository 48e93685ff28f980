//! A client of either listener.

use std::os::fd::{AsFd, BorrowedFd};

use stage_04::{Connection, Interest};

use crate::{Session, Site};

/// Two kinds of client, of one shape for the loop.
#[derive(Debug)]
pub(crate) enum Client {
    /// A client that wants its bytes back.
    Echo(Connection),
    /// A client that asks for files.
    Http(Session),
}

impl Client {
    /// Returns what to wait for, or `None` when the connection is finished.
    pub(crate) fn interest(&self) -> Option<Interest> {
        match self {
            Self::Echo(connection) => or_finished(connection.interest()),
            Self::Http(session) => session.interest(),
        }
    }

    /// Does one step of what the client waits for, and returns its interest after that.
    pub(crate) fn on_ready(&mut self, scratch: &mut [u8], site: &mut Site) -> Option<Interest> {
        match self {
            Self::Echo(connection) => or_finished(connection.on_ready(scratch)),
            Self::Http(session) => session.on_ready(scratch, site),
        }
    }

    /// Returns whether nothing is under way on its connection.
    pub(crate) fn is_quiet(&self) -> bool {
        match self {
            Self::Echo(connection) => connection.is_quiet(),
            Self::Http(session) => session.is_quiet(),
        }
    }
}

fn or_finished(interest: Interest) -> Option<Interest> {
    (interest != Interest::None).then_some(interest)
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Echo(connection) => connection.as_fd(),
            Self::Http(session) => session.as_fd(),
        }
    }
}
