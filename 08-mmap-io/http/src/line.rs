//! The first line of a request: `GET /path HTTP/1.1` (RFC 9112, section 3).
//!
//! It is taken apart by the letter: three words, one space between two of them, and nothing else. Section 3
//! allows a recipient to be lenient with white space. Two recipients that are lenient in different ways see
//! different targets in one line (section 11.2), so this one is not.

use crate::{Method, Status};

/// How many bytes the line may have, without its end (RFC 9112, section 3, asks for 8,000).
pub const MAX_LINE: usize = 8 * 1024;

/// The first line of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) method: Method,
    pub(crate) target: &'a str,
    /// Whether the client knows what came with HTTP/1.1.
    pub(crate) http_1_1: bool,
    /// How many bytes it has, with its end and the empty lines before it.
    pub(crate) length: usize,
}

impl<'a> Line<'a> {
    /// Parses the line that `bytes` begin with, after empty lines (section 2.2). Returns `None` while it has
    /// not come to its end.
    ///
    /// # Errors
    ///
    /// Returns 505 for a major version other than 1, 414 for a line that is too long, and 400 for what is
    /// no such line. A control character, or a byte that is not ASCII and had to be encoded (section 3.2), is
    /// refused as soon as it comes, because nothing can follow that mends it: a client that speaks TLS need
    /// not wait.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Option<Self>, Status> {
        let start = empty_lines(bytes);
        let rest = &bytes[start..];
        let end = rest.iter().position(|byte| !matches!(byte, b' '..=b'~'));
        let (line, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let line_end = match rest {
            // Also one that has not ended, and one that goes on with what it must not hold.
            _ if line.len() > MAX_LINE => return Err(Status::UriTooLong),
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [] | [b'\r'] => return Ok(None),
            _ => return Err(Status::BadRequest),
        };
        let mut words = line.split(|&byte| byte == b' ');
        let mut word = || words.next().filter(|word| !word.is_empty());
        let (Some(method), Some(target), Some(version)) = (word(), word(), word()) else {
            return Err(Status::BadRequest);
        };
        if words.next().is_some() || !method.iter().all(is_token) {
            return Err(Status::BadRequest);
        }
        Ok(Some(Self {
            method: Method::of(method),
            target: str::from_utf8(target).map_err(|_| Status::BadRequest)?,
            http_1_1: is_http_1_1(version)?,
            length: start + line.len() + line_end,
        }))
    }
}

/// Returns how many bytes at the start of `bytes` are empty lines.
fn empty_lines(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some(after) = rest.strip_prefix(b"\n").or(rest.strip_prefix(b"\r\n")) {
        rest = after;
    }
    bytes.len() - rest.len()
}

/// Returns whether `version` is HTTP/1.1, or another minor version that is to be served as the highest one
/// that is known of the same major version (RFC 9110, sections 2.5 and 6.2).
fn is_http_1_1(version: &[u8]) -> Result<bool, Status> {
    match version.strip_prefix(b"HTTP/") {
        Some([b'1', b'.', minor]) if minor.is_ascii_digit() => Ok(*minor != b'0'),
        Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(Status::VersionNotSupported)
        }
        _ => Err(Status::BadRequest),
    }
}

/// Returns whether `bytes`, of which no more may be understood, begin with the method HEAD. Spaces before it
/// are an error, but what the client waits for is clear. Anything else there is refused as soon as it comes,
/// as is a line that is too long: what is behind that must not count, because it may not have come yet.
pub(crate) fn is_head(bytes: &[u8]) -> bool {
    let line = &bytes[empty_lines(bytes)..];
    let line = &line[..line.len().min(MAX_LINE)];
    let start = line.iter().position(|&byte| byte != b' ');
    let mut words = line[start.unwrap_or_default()..].split(|byte| !is_token(byte));
    words.next() == Some(b"HEAD")
}

/// Returns whether a token may hold the byte, such as the name of a method (RFC 9110, section 5.6.2).
fn is_token(byte: &u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}
