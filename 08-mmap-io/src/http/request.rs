//! The head of a request (RFC 9112, sections 2 to 5).

use std::mem::MaybeUninit;

use httparse::{Error, Header};

use super::{Fields, Status, framing, host};

/// Bytes that a request's head may have, at most: as much as is kept of it until it is whole.
pub const MAX_HEAD: usize = 16 * 1024;

/// Bytes that its first line may have, at most, without its end (RFC 9112, section 3, asks for 8,000).
pub const MAX_LINE: usize = 8 * 1024;

/// Header fields that it may have, at most.
pub const MAX_FIELDS: usize = 100;

/// What a request wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD: the same without a body.
    Head,
    /// One that is known, but not for files (RFC 9110, section 9; RFC 5789).
    NotAllowed,
    /// Any other.
    Unknown,
}

impl Method {
    /// The method of that name, in which case matters.
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

/// What becomes of the connection after an answer (RFC 9112, section 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Another request may follow, as HTTP/1.1 has it.
    Kept,
    /// Another request may follow, and a client of HTTP/1.0 has to be told so.
    KeptAndSaid,
    /// It is closed.
    Closed,
}

/// A request that is well formed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What it wants.
    pub method: Method,
    /// Of what: not taken apart yet.
    pub target: &'a str,
    /// The header fields.
    pub fields: Fields<'a>,
    /// Whether another request may follow. None may after one with a body.
    pub persistence: Persistence,
    /// Bytes in the head.
    pub length: usize,
}

impl<'a> Request<'a> {
    /// Parses the request that `bytes` begin with; `storage` holds its fields. `None`: its head has not
    /// come to an end yet.
    ///
    /// # Errors
    ///
    /// The status to refuse it with. Where the next request would begin is not known then.
    pub fn parse(
        bytes: &'a [u8],
        storage: &'a mut [MaybeUninit<Header<'a>>],
    ) -> Result<Option<Self>, Status> {
        let mut head = httparse::Request::new(&mut []);
        let length = match head.parse_with_uninit_headers(bytes, storage) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return incomplete(bytes),
            Err(Error::Version) => return other_version(bytes),
            Err(Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
            Err(_) => return Err(Status::BadRequest),
        };
        let (Some(method), Some(target)) = (head.method, head.path) else {
            return Err(Status::BadRequest);
        };
        if first_line(bytes).0.len() > MAX_LINE {
            return Err(Status::UriTooLong);
        }
        let http_1_1 = head.version == Some(1);
        let fields = Fields(head.headers);
        host::check(http_1_1, fields)?;
        let has_body = framing::has_body(http_1_1, fields)?;
        Ok(Some(Self {
            method: Method::of(method),
            target,
            fields,
            persistence: match has_body {
                true => Persistence::Closed,
                false => persistence(http_1_1, fields),
            },
            length,
        }))
    }
}

/// What to do about a head that has not ended: wait for more, as long as there is room for it.
fn incomplete<T>(bytes: &[u8]) -> Result<Option<T>, Status> {
    match first_line(bytes) {
        (line, _) if line.len() > MAX_LINE => Err(Status::UriTooLong),
        _ if bytes.len() >= MAX_HEAD => Err(Status::HeadTooLarge),
        _ => Ok(None),
    }
}

/// What to do about a first line that does not end as it should: another version of HTTP is told from
/// nonsense when the line has come to its end. (A version 1.2, which nobody speaks, is another one, too.)
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

/// The first line, without its end and empty lines before it, and whether its end has come.
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
    match http_1_1 {
        _ if wants("close") => Persistence::Closed,
        true => Persistence::Kept,
        false if wants("keep-alive") => Persistence::KeptAndSaid,
        false => Persistence::Closed,
    }
}
