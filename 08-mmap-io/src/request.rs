//! What a client asks for: the head of an HTTP/1.1 request (RFC 9112).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use httparse::EMPTY_HEADER;
use percent_encoding::percent_decode_str;

use crate::Status;

/// Bytes that a request's head may have, at most.
pub(crate) const MAX_HEAD: usize = 8 * 1024;

const MAX_HEADERS: usize = 64;

/// A request for a file.
#[derive(Debug)]
pub struct Request {
    /// The file's path, relative to the root, decoded.
    pub path: PathBuf,
    /// Whether the connection stays open for another request (RFC 9112, section 9.3).
    pub keep_alive: bool,
}

impl Request {
    /// Parses the request at the start of `bytes`, and gives how many bytes its head has. `None`: its
    /// end has not come yet.
    ///
    /// # Errors
    ///
    /// The status to refuse it with. Where the next request would begin is not known then.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Status> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Request::new(&mut headers);
        let length = match head.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
                return Err(Status::HeadTooLarge);
            }
            Err(httparse::Error::Version) => return Err(Status::VersionNotSupported),
            Err(_) => return Err(Status::BadRequest),
        };
        if head.method != Some("GET") {
            return Err(Status::MethodNotAllowed);
        }
        if has_body(head.headers) {
            return Err(Status::BadRequest);
        }
        let request = Self {
            path: decode(head.path.unwrap_or_default())?,
            keep_alive: keep_alive(head.version == Some(1), head.headers),
        };
        Ok(Some((request, length)))
    }
}

/// The path beneath the root that a request target names: without the query, decoded once.
fn decode(target: &str) -> Result<PathBuf, Status> {
    let path = target.split('?').next().unwrap_or_default();
    let path = path.strip_prefix('/').ok_or(Status::BadRequest)?;
    let path: Vec<u8> = percent_decode_str(path).collect();
    if path.contains(&0) {
        return Err(Status::BadRequest);
    }
    Ok(OsString::from_vec(path).into())
}

/// A body would have to be told from the next request; none is wanted here.
fn has_body(headers: &[httparse::Header]) -> bool {
    headers.iter().any(|header| {
        let is = |name| header.name.eq_ignore_ascii_case(name);
        is("transfer-encoding") || is("content-length") && header.value != b"0"
    })
}

fn keep_alive(http_1_1: bool, headers: &[httparse::Header]) -> bool {
    let mut options = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("connection"))
        .flat_map(|header| header.value.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii);
    match http_1_1 {
        true => !options.any(|option| option.eq_ignore_ascii_case(b"close")),
        false => options.any(|option| option.eq_ignore_ascii_case(b"keep-alive")),
    }
}
