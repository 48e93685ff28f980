//! Whether a body follows a request's head (RFC 9112, section 6).
//!
//! Where a body ends is where the next request begins. Two readers that disagree about it can be made to
//! see different requests in the same bytes (*request smuggling*, section 11.2). So whatever leaves
//! room for doubt is refused. A body that is well framed ends the connection with its answer: its bytes
//! are thrown away and never parsed.

use crate::{Fields, Status};

/// Returns whether a body follows.
///
/// # Errors
///
/// Returns 400 if the length is no number, or is given twice or in two ways, and 501 for a coding that
/// is not known here.
pub(crate) fn has_body(http_1_1: bool, fields: Fields) -> Result<bool, Status> {
    let mut lengths = fields.all("content-length");
    let length = lengths.next();
    if lengths.next().is_some() {
        return Err(Status::BadRequest);
    }
    let coded = fields.all("transfer-encoding").next().is_some();
    match length {
        Some(_) if coded => Err(Status::BadRequest),
        Some(length) => Ok(number(length)? > 0),
        None if coded => chunked(http_1_1, fields),
        None => Ok(false),
    }
}

/// Parses digits and nothing else: `+5`, `0x5`, `5, 5` and an empty value are no lengths.
fn number(value: &[u8]) -> Result<u64, Status> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number = str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok());
    number.filter(|_| digits).ok_or(Status::BadRequest)
}

/// Returns `true` for a body in chunks, which says itself where it ends. It does so only if chunks are
/// its last coding, once.
fn chunked(http_1_1: bool, fields: Fields) -> Result<bool, Status> {
    let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
    let codings = || fields.list("transfer-encoding");
    let ends = codings().last().as_ref().is_some_and(is_chunked);
    let times = codings().filter(is_chunked).count();
    match codings().count() {
        // HTTP/1.0 has no transfer codings.
        _ if !http_1_1 || !ends || times != 1 => Err(Status::BadRequest),
        1 => Ok(true),
        _ => Err(Status::NotImplemented),
    }
}
