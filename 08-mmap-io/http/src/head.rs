//! The head of an answer (RFC 9112, section 4).

use std::fmt::{Display, Write};
use std::time::SystemTime;

use httpdate::HttpDate;

use crate::{Persistence, Status};

/// The head of an answer, line by line.
#[derive(Clone, Debug)]
pub(crate) struct Head(String);

impl Head {
    /// Begins a head that is made `now`.
    pub(crate) fn new(status: Status, now: SystemTime) -> Self {
        let mut head = String::with_capacity(512);
        head.push_str("HTTP/1.1 ");
        head.push_str(status.line());
        head.push_str("\r\n");
        Self(head).time("Date", now)
    }

    /// Adds a field.
    pub(crate) fn field(mut self, name: &str, value: impl Display) -> Self {
        self.0.push_str(name);
        self.0.push_str(": ");
        // A string takes whatever is written to it.
        let _ = write!(self.0, "{value}");
        self.0.push_str("\r\n");
        self
    }

    /// Adds a time, which is in 1970 or later.
    pub(crate) fn time(self, name: &str, time: SystemTime) -> Self {
        self.field(name, HttpDate::from(time))
    }

    /// Says what happens to the connection, ends the head and returns its bytes.
    pub(crate) fn end(self, persistence: Persistence) -> Vec<u8> {
        let Self(mut head) = match persistence {
            Persistence::Kept => self,
            Persistence::KeptAndSaid => self.field("Connection", "keep-alive"),
            Persistence::Closed => self.field("Connection", "close"),
        };
        head.push_str("\r\n");
        head.into_bytes()
    }
}
