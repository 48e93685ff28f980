//! What is sent for a request.

use std::ops::Range;
use std::time::SystemTime;

use crate::conditions::{evaluate, range_applies};
use crate::file::MediaType;
use crate::head::Head;
use crate::line::is_head;
use crate::range::{Selection, selection};
use crate::{File, Method, Persistence, Request, Status, Target, Validators};

/// What is sent for a request: a head, and a part of a file behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The head, and the text of an answer that comes without a file.
    pub head: Vec<u8>,
    /// Which bytes of the file follow. `None`: the head is all.
    pub part: Option<Range<u64>>,
    /// Where the next request begins in the bytes that this one was parsed from. `None`: the connection
    /// ends with this answer.
    pub next: Option<usize>,
}

impl Answer {
    /// Answers a request for `file`: with the file, with a part of it, or with what the request's
    /// conditions make of it.
    pub fn file(request: &Request, file: &File, now: SystemTime) -> Self {
        let validators = Validators::of(file, now);
        match evaluate(request.fields, &validators) {
            None => {}
            Some(Status::NotModified) => {
                let head = validated(Head::new(Status::NotModified, now), &validators);
                return Self::new(request, head, None);
            }
            Some(status) => return Self::refusal(request, status, now),
        }
        let size = file.size;
        let ranges = request.method == Method::Get && range_applies(request.fields, &validators);
        let selected = ranges.then(|| selection(request.fields, size));
        let (head, part) = match selected.unwrap_or(Selection::Whole) {
            Selection::Whole => (Head::new(Status::Ok, now), 0..size),
            Selection::Part(part) => {
                let content = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                let head = Head::new(Status::PartialContent, now);
                (head.field("Content-Range", content), part)
            }
            Selection::Unsatisfiable => {
                let status = Status::RangeNotSatisfiable;
                let head = Head::new(status, now);
                let head = head.field("Content-Range", format_args!("bytes */{size}"));
                return Self::text(request, status, head);
            }
        };
        let head = typed(validated(head, &validators), file.media_type())
            .field("Accept-Ranges", "bytes")
            .field("Content-Length", part.end - part.start);
        let is_get = request.method == Method::Get;
        Self::new(request, head, is_get.then_some(part))
    }

    /// Answers a request whose target is a directory: redirects the client to the same place with a `/`
    /// at the end, because only there do the relative links of an index lead where they should. A target
    /// that has the `/` already asked for an index, which is then a directory itself: 404.
    pub fn directory(request: &Request, target: &Target, now: SystemTime) -> Self {
        if target.is_directory {
            return Self::refusal(request, Status::NotFound, now);
        }
        let status = Status::MovedPermanently;
        let head = Head::new(status, now).field("Location", target.location());
        Self::text(request, status, head)
    }

    /// Answers `request` with `status` and nothing else.
    pub fn refusal(request: &Request, status: Status, now: SystemTime) -> Self {
        let head = Head::new(status, now);
        let head = match status {
            Status::MethodNotAllowed => head.field("Allow", "GET, HEAD"),
            Status::Unavailable => head.field("Retry-After", "1"),
            _ => head,
        };
        Self::text(request, status, head)
    }

    /// Answers what `bytes` begin with, which [`Request::parse`] has refused with `status`. Nobody knows where
    /// the next request would begin, so the connection ends.
    pub fn malformed(bytes: &[u8], status: Status, now: SystemTime) -> Self {
        Self::last(status, is_head(bytes), now)
    }

    /// Answers a GET whose file turned out, before a byte of another answer was sent, not to be what it was.
    pub fn failure(now: SystemTime) -> Self {
        Self::last(Status::InternalError, false, now)
    }

    fn last(status: Status, is_head: bool, now: SystemTime) -> Self {
        let head = Head::new(status, now);
        Self {
            head: with_text(head, status, is_head, Persistence::Closed),
            part: None,
            next: None,
        }
    }

    /// Ends `head` and adds the status in words, as a text.
    fn text(request: &Request, status: Status, head: Head) -> Self {
        let is_head = request.method == Method::Head;
        Self {
            head: with_text(head, status, is_head, request.persistence),
            part: None,
            next: request.next(),
        }
    }

    fn new(request: &Request, head: Head, part: Option<Range<u64>>) -> Self {
        Self {
            head: head.end(request.persistence),
            part,
            next: request.next(),
        }
    }
}

/// Ends `head` and adds the status in words, as a text. An answer to HEAD has no body, whatever it says: its
/// bytes would be taken for the next answer (RFC 9110, section 9.3.2).
fn with_text(head: Head, status: Status, is_head: bool, persistence: Persistence) -> Vec<u8> {
    let text = format!("{}\n", status.line());
    let head = typed(head, ("text/plain", "; charset=utf-8"));
    let mut head = head.field("Content-Length", text.len()).end(persistence);
    if !is_head {
        head.extend(text.as_bytes());
    }
    head
}

fn validated(head: Head, validators: &Validators) -> Head {
    let head = head.field("ETag", &validators.etag);
    match validators.modified {
        Some(time) if validators.has_settled_time => head.time("Last-Modified", time),
        _ => head,
    }
}

/// Adds what the body is, and that a browser must believe it: a text that looks like a script must not
/// be run.
fn typed(head: Head, (name, parameter): MediaType) -> Head {
    head.field("Content-Type", format_args!("{name}{parameter}"))
        .field("X-Content-Type-Options", "nosniff")
}
