//! The head of a request: its first line, and its fields (RFC 9112, sections 2 to 5).

use httparse::{EMPTY_HEADER, Error, Header, parse_headers};

use crate::{Fields, Line, Status, Target, framing, host};

/// How many bytes a request's head may have: a server keeps no more of it until it is whole.
pub const MAX_HEAD: usize = 16 * 1024;

/// How many header fields it may have.
pub const MAX_FIELDS: usize = 100;

/// What a request wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD: the same without a body.
    Head,
    /// A method that is known, but not for files (RFC 9110, section 9; RFC 5789).
    NotAllowed,
    /// Any other.
    Unknown,
}

impl Method {
    /// Returns the method of that name, in which case matters.
    pub(crate) fn of(name: &[u8]) -> Self {
        match name {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" | b"PUT" | b"DELETE" | b"CONNECT" | b"OPTIONS" | b"TRACE" | b"PATCH" => {
                Self::NotAllowed
            }
            _ => Self::Unknown,
        }
    }
}

/// What happens to the connection after an answer (RFC 9112, section 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Another request may follow, as HTTP/1.1 has it.
    Kept,
    /// Another request may follow, and a client of HTTP/1.0 has to be told so.
    KeptAndSaid,
    /// It is closed.
    Closed,
}

/// How many header fields most requests have at most.
const FEW: usize = 24;

/// Room for the header fields of one request: on the caller's stack, if they are few.
#[derive(Debug)]
pub struct Storage<'a> {
    few: [Header<'a>; FEW],
    many: Vec<Header<'a>>,
}

impl Storage<'_> {
    /// Makes room for a few fields. Room for as many as a request may have is made when it is needed: to clear
    /// that much memory for each request would take as long as to parse it.
    pub const fn new() -> Self {
        Self {
            few: [EMPTY_HEADER; FEW],
            many: Vec::new(),
        }
    }
}

impl Default for Storage<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// A request that is well formed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What it wants done.
    pub method: Method,
    /// What it wants that done to, as it came.
    pub raw_target: &'a str,
    /// What happens to the connection after its answer. A server that is about to end sets
    /// [`Persistence::Closed`].
    pub persistence: Persistence,
    /// How many bytes its head has.
    pub length: usize,
    pub(crate) fields: Fields<'a>,
}

impl<'a> Request<'a> {
    /// Parses the request that `bytes` begin with; `storage` holds its fields. Returns `None` while its
    /// head has not come to an end yet.
    ///
    /// # Errors
    ///
    /// Returns the status to refuse it with. Nobody knows then where the next request would begin.
    pub fn parse(bytes: &'a [u8], storage: &'a mut Storage<'a>) -> Result<Option<Self>, Status> {
        let Some(line) = Line::parse(bytes)? else {
            return incomplete(bytes);
        };
        let fields = match parse_headers(&bytes[line.length..], &mut storage.few) {
            Err(Error::TooManyHeaders) => {
                storage.many.resize(MAX_FIELDS, EMPTY_HEADER);
                parse_headers(&bytes[line.length..], &mut storage.many)
            }
            parsed => parsed,
        };
        let (length, fields) = match fields {
            Ok(httparse::Status::Complete((length, fields))) => (line.length + length, fields),
            Ok(httparse::Status::Partial) => return incomplete(bytes),
            Err(Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
            Err(_) => return Err(Status::BadRequest),
        };
        let (http_1_1, fields) = (line.http_1_1, Fields(fields));
        host::check(http_1_1, fields)?;
        let persistence = if framing::has_body(http_1_1, fields)? {
            Persistence::Closed
        } else {
            persistence(http_1_1, fields)
        };
        Ok(Some(Self {
            method: line.method,
            raw_target: line.target,
            persistence,
            length,
            fields,
        }))
    }

    /// Returns what a GET or HEAD asks for.
    ///
    /// # Errors
    ///
    /// Returns 405 or 501 for another method, and the errors of [`Target::parse`].
    pub fn target(&self) -> Result<Target<'a>, Status> {
        match self.method {
            Method::Get | Method::Head => Target::parse(self.raw_target),
            Method::NotAllowed => Err(Status::MethodNotAllowed),
            Method::Unknown => Err(Status::NotImplemented),
        }
    }

    /// Returns where the next request begins, or `None` if the connection ends with this one's answer.
    pub(crate) fn next(&self) -> Option<usize> {
        (self.persistence != Persistence::Closed).then_some(self.length)
    }
}

/// Decides what to do about a head that has not ended: to wait for more, as long as there is room for it.
fn incomplete<T>(bytes: &[u8]) -> Result<Option<T>, Status> {
    match bytes.len() {
        MAX_HEAD.. => Err(Status::HeadTooLarge),
        _ => Ok(None),
    }
}

fn persistence(http_1_1: bool, fields: Fields) -> Persistence {
    let wants = |option| fields.lists("connection", option);
    if wants("close") {
        Persistence::Closed
    } else if http_1_1 {
        Persistence::Kept
    } else if wants("keep-alive") {
        Persistence::KeptAndSaid
    } else {
        Persistence::Closed
    }
}
