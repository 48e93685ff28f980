//! Conditions that a request sets (RFC 9110, section 13).

use std::time::SystemTime;

use crate::{Fields, Status, Validators};

/// Evaluates the conditions of a GET or HEAD in the order of section 13.2.2. Returns `None` if they hold,
/// and the file is to be sent.
pub(crate) fn evaluate(fields: Fields, file: &Validators) -> Option<Status> {
    let is_it = |tag: Tag, strong| file.has_settled && tag.is(&file.etag, strong);
    let matches = |name, strong| any_tag(fields, name, |tag| is_it(tag, strong));
    match matches("if-match", true) {
        Some(false) => return Some(Status::PreconditionFailed),
        Some(true) => {}
        None => {
            let since = time(fields, "if-unmodified-since").zip(file.modified);
            if since.is_some_and(|(time, modified)| modified > time) {
                return Some(Status::PreconditionFailed);
            }
        }
    }
    let is_same = match matches("if-none-match", false) {
        Some(matched) => matched,
        None => {
            let since = time(fields, "if-modified-since").zip(file.modified);
            file.has_settled_time && since.is_some_and(|(time, modified)| modified <= time)
        }
    };
    is_same.then_some(Status::NotModified)
}

/// Returns whether a range may be served, as far as If-Range has a say: the client has a part of this very
/// version. A client would put the range behind that part, so it takes a strong validator (section 13.1.5).
/// A time is one when it has settled, because it was not sent before (section 8.8.2.2).
pub(crate) fn range_applies(fields: Fields, file: &Validators) -> bool {
    if fields.all("if-range").next().is_none() {
        return true;
    }
    match time(fields, "if-range") {
        Some(time) => file.has_settled_time && file.modified == Some(time),
        None => {
            let tag = fields.single("if-range");
            file.has_settled && tag.is_some_and(|tag| tag == file.etag.as_bytes())
        }
    }
}

/// Returns the time in a field. A value that is no time means nothing, as if the field were not there.
fn time(fields: Fields, name: &str) -> Option<SystemTime> {
    let value = str::from_utf8(fields.single(name)?).ok()?;
    httpdate::parse_http_date(value).ok()
}

/// An entity tag in a request.
#[derive(Clone, Copy)]
struct Tag<'a> {
    quoted: &'a [u8],
    is_weak: bool,
}

impl Tag<'_> {
    /// Compares the tag with a file's, which is strong (section 8.8.3.2).
    fn is(self, etag: &str, strong: bool) -> bool {
        self.quoted == etag.as_bytes() && !(strong && self.is_weak)
    }
}

/// Returns whether `is_it` holds for any tag in a list of them. `*` stands for any tag. Returns `None` if
/// there is no such field.
fn any_tag(fields: Fields, name: &str, is_it: impl Fn(Tag) -> bool) -> Option<bool> {
    let mut found = None;
    for mut value in fields.all(name) {
        let mut matched = found.unwrap_or(false) || value.trim_ascii() == b"*";
        // A comma may stand in a tag, too: they are taken one after the other.
        while let Some((tag, rest)) = next_tag(value) {
            matched |= is_it(tag);
            value = rest;
        }
        found = Some(matched);
    }
    found
}

/// Returns the first tag of a list, and what follows it. What is no tag ends the list.
fn next_tag(list: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let separator = |byte: &u8| matches!(byte, b',' | b' ' | b'\t');
    let start = list.iter().position(|byte| !separator(byte))?;
    let list = &list[start..];
    let weak = list.strip_prefix(b"W/");
    let is_weak = weak.is_some();
    let quoted = weak.unwrap_or(list);
    let inside = quoted.strip_prefix(b"\"")?;
    let end = inside.iter().position(|&byte| byte == b'"')?;
    let (quoted, rest) = quoted.split_at(end + 2);
    Some((Tag { quoted, is_weak }, rest))
}
