//! A client of either listener.

use std::os::fd::{AsFd, BorrowedFd};

use stage_04::{Connection, Interest};

use crate::session::Session;

/// Two kinds of client, of one shape for the loop.
#[derive(Debug)]
pub enum Client {
    /// One that wants its bytes back.
    Echo(Connection),
    /// One that asks for files.
    Files(Session),
}

impl Client {
    /// What to wait for.
    pub fn interest(&self) -> Option<Interest> {
        match self {
            Self::Echo(connection) => connection.interest(),
            Self::Files(session) => session.interest(),
        }
    }

    /// Does one step, and gives what to wait for then.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Option<Interest> {
        match self {
            Self::Echo(connection) => connection.on_ready(scratch),
            Self::Files(session) => session.on_ready(scratch),
        }
    }

    /// Whether nothing is under way on its connection.
    pub fn is_quiet(&self) -> bool {
        match self {
            Self::Echo(connection) => stage_05::is_quiet(connection),
            Self::Files(session) => session.is_quiet(),
        }
    }

    /// Whether it has let its time pass. An echo has no end of it.
    pub fn is_overdue(&self) -> bool {
        match self {
            Self::Echo(_) => false,
            Self::Files(session) => session.is_overdue(),
        }
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Echo(connection) => connection.as_fd(),
            Self::Files(session) => session.as_fd(),
        }
    }
}
