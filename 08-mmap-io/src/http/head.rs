//! The head of an answer (RFC 9112, section 4).

use std::fmt::{Display, Write};
use std::time::SystemTime;

use httpdate::HttpDate;

use super::{Persistence, Status};

/// The head of an answer, line by line.
#[derive(Clone, Debug)]
pub struct Head(String);

impl Head {
    /// One that was made `now`.
    pub fn new(status: Status, now: SystemTime) -> Self {
        let mut head = String::with_capacity(512);
        head.push_str("HTTP/1.1 ");
        head.push_str(status.line());
        head.push_str("\r\n");
        Self(head).time("Date", now)
    }

    /// With another field.
    pub fn field(mut self, name: &str, value: impl Display) -> Self {
        // A string takes whatever is written to it.
        let _ = write!(self.0, "{name}: {value}\r\n");
        self
    }

    /// With a time, in seconds since 1970 or later.
    pub fn time(self, name: &str, time: SystemTime) -> Self {
        self.field(name, HttpDate::from(time))
    }

    /// The end of it, and what becomes of the connection.
    pub fn end(self, persistence: Persistence) -> Vec<u8> {
        let Self(mut head) = match persistence {
            Persistence::Kept => self,
            Persistence::KeptAndSaid => self.field("Connection", "keep-alive"),
            Persistence::Closed => self.field("Connection", "close"),
        };
        head.push_str("\r\n");
        head.into_bytes()
    }
}
