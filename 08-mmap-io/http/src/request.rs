//! The head of a request (RFC 9112, sections 2 to 5).

use std::mem::MaybeUninit;

use httparse::{Error, Header};

use crate::{Fields, Status, Target, framing, host};

/// How many bytes a request's head may have: a server keeps no more of it until it is whole.
pub const MAX_HEAD: usize = 16 * 1024;

/// How many bytes its first line may have, without its end (RFC 9112, section 3, asks for 8,000).
pub const MAX_LINE: usize = 8 * 1024;

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
    fn of(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH" => {
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

/// Room for the header fields of one request, on the caller's stack.
#[derive(Debug)]
pub struct Storage<'a>([MaybeUninit<Header<'a>>; MAX_FIELDS]);

impl Storage<'_> {
    /// Makes room for as many fields as a request may have.
    pub const fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; MAX_FIELDS])
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
        let mut head = httparse::Request::new(&mut []);
        let length = match head.parse_with_uninit_headers(bytes, &mut storage.0) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return incomplete(bytes),
            Err(Error::Version) => return other_version(bytes),
            Err(Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
            Err(_) => return Err(Status::BadRequest),
        };
        let (Some(method), Some(raw_target)) = (head.method, head.path) else {
            return Err(Status::BadRequest);
        };
        if first_line(bytes).0.len() > MAX_LINE {
            return Err(Status::UriTooLong);
        }
        let http_1_1 = head.version == Some(1);
        let fields = Fields(head.headers);
        host::check(http_1_1, fields)?;
        let persistence = if framing::has_body(http_1_1, fields)? {
            Persistence::Closed
        } else {
            persistence(http_1_1, fields)
        };
        Ok(Some(Self {
            method: Method::of(method),
            raw_target,
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
    match first_line(bytes) {
        (line, _) if line.len() > MAX_LINE => Err(Status::UriTooLong),
        _ if bytes.len() >= MAX_HEAD => Err(Status::HeadTooLarge),
        _ => Ok(None),
    }
}

/// Decides what to do about a first line that does not end as it should. Another version of HTTP can be
/// told from nonsense once the line has come to its end. (A version 1.2, which nobody speaks, is another
/// one, too.)
fn other_version<T>(bytes: &[u8]) -> Result<Option<T>, Status> {
    let (line, true) = first_line(bytes) else {
        return incomplete(bytes);
    };
    let word = line.rsplit(|&byte| byte == b' ').next();
    match word.and_then(|word| word.strip_prefix(b"HTTP/")) {
        Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(Status::VersionNotSupported)
        }
        _ => Err(Status::BadRequest),
    }
}

/// Returns the first line, without its end and empty lines before it, and whether its end has come.
fn first_line(bytes: &[u8]) -> (&[u8], bool) {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let line = lines.find(|&line| line != b"\n" && line != b"\r\n");
    let line = line.unwrap_or_default();
    let has_ended = line.ends_with(b"\n");
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    (line.strip_suffix(b"\r").unwrap_or(line), has_ended)
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
