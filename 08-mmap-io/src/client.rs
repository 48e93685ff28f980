//! A client of either listener.

use std::os::fd::{AsFd, BorrowedFd};

use stage_04::{Connection, Interest};

use crate::patience::Alarm;
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
    pub fn interest(&self) -> Interest {
        match self {
            Self::Echo(connection) => connection.interest(),
            Self::Files(session) => session.interest(),
        }
    }

    /// Does one step, and gives what to wait for then.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Interest {
        match self {
            Self::Echo(connection) => connection.on_ready(scratch),
            Self::Files(session) => session.on_ready(scratch),
        }
    }

    /// Whether it may stay: its deadline is yet to come, for which `alarm` is set again. An echo has
    /// none.
    pub fn is_in_time(&self, alarm: &Alarm) -> bool {
        match self {
            Self::Echo(_) => true,
            Self::Files(session) => alarm.is_ahead(session.deadline()),
        }
    }

    /// Whether nothing is under way on its connection.
    pub fn is_quiet(&self) -> bool {
        match self {
            Self::Echo(connection) => connection.is_quiet(),
            Self::Files(session) => session.is_quiet(),
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
