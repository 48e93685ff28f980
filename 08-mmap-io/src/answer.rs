//! What is sent for a request: the head that HTTP wants, and the file's pages behind it.

use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

use crate::http::{
    Head, Method, Persistence, Range, Request, Status, Validators, evaluate, range_applies,
    requested,
};
use crate::pages::{MappedFile, Transfer};

/// What is sent for a request.
#[derive(Debug)]
pub struct Answer {
    /// The bytes.
    pub transfer: Transfer,
    /// Whether the connection ends with it.
    pub is_last: bool,
    /// Bytes in the request that it answers; `None` if nobody knows where that ends.
    pub consumed: Option<usize>,
}

impl Answer {
    fn new(transfer: Transfer, request: &Request) -> Self {
        Self {
            transfer,
            is_last: request.persistence == Persistence::Closed,
            consumed: Some(request.length),
        }
    }
}

/// The file itself, a part of it, or what the request's conditions make of it.
pub(crate) fn file(file: Rc<MappedFile>, request: &Request, now: SystemTime) -> Answer {
    let validators = Validators::of(file.version(), now);
    match evaluate(request.fields, &validators) {
        None => {}
        Some(Status::NotModified) => {
            let head = validated(Head::new(Status::NotModified, now), &validators);
            return Answer::new(Transfer::new(head.end(request.persistence)), request);
        }
        Some(status) => return refusal(status, Some(request), now),
    }
    let size = file.version().size;
    let ranges = request.method == Method::Get && range_applies(request.fields, &validators);
    let range = ranges.then(|| requested(request.fields, size));
    let (head, part) = match range.unwrap_or(Range::Whole) {
        Range::Whole => (Head::new(Status::Ok, now), 0..size),
        Range::Part(part) => {
            let content = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            let head = Head::new(Status::PartialContent, now);
            (head.field("Content-Range", content), part)
        }
        Range::Unsatisfiable => {
            let status = Status::RangeNotSatisfiable;
            let head = Head::new(status, now);
            let head = head.field("Content-Range", format_args!("bytes */{size}"));
            return text(status, head, Some(request));
        }
    };
    let head = typed(validated(head, &validators), media_type(file.path()))
        .field("Accept-Ranges", "bytes")
        .field("Content-Length", part.end - part.start)
        .end(request.persistence);
    let transfer = match request.method {
        Method::Head => Transfer::new(head),
        // What is mapped can be counted in a usize.
        _ => Transfer::with_body(head, file, part.start as usize..part.end as usize),
    };
    Answer::new(transfer, request)
}

fn validated(head: Head, validators: &Validators) -> Head {
    let head = head.field("ETag", &validators.etag);
    match validators.modified {
        Some(time) => head.time("Last-Modified", time),
        None => head,
    }
}

/// Says what the body is, and that a browser shall believe it: a text that looks like a script must
/// not be run.
fn typed(head: Head, (media_type, parameter): (&str, &str)) -> Head {
    head.field("Content-Type", format_args!("{media_type}{parameter}"))
        .field("X-Content-Type-Options", "nosniff")
}

/// The type that a file's name suggests. Its bytes are not looked at; text is taken for UTF-8.
fn media_type(path: &Path) -> (&'static str, &'static str) {
    match mime_guess::from_path(path).first_raw() {
        Some(text) if text.starts_with("text/") => (text, "; charset=utf-8"),
        Some(other) => (other, ""),
        None => ("application/octet-stream", ""),
    }
}

/// Where a directory is to be found.
pub(crate) fn redirect(location: &str, request: &Request, now: SystemTime) -> Answer {
    let status = Status::MovedPermanently;
    let head = Head::new(status, now).field("Location", location);
    text(status, head, Some(request))
}

/// A status and nothing else. Without a request, as it was not understood, it is the last answer.
pub(crate) fn refusal(status: Status, request: Option<&Request>, now: SystemTime) -> Answer {
    let head = Head::new(status, now);
    let head = match status {
        Status::MethodNotAllowed => head.field("Allow", "GET, HEAD"),
        Status::Unavailable => head.field("Retry-After", "1"),
        _ => head,
    };
    text(status, head, request)
}

/// An answer that says its status in words.
fn text(status: Status, head: Head, request: Option<&Request>) -> Answer {
    let text = format!("{}\n", status.line());
    let head = typed(head, ("text/plain", "; charset=utf-8"));
    let persistence = request.map_or(Persistence::Closed, |request| request.persistence);
    let mut bytes = head.field("Content-Length", text.len()).end(persistence);
    if request.is_none_or(|request| request.method != Method::Head) {
        bytes.extend(text.as_bytes());
    }
    Answer {
        transfer: Transfer::new(bytes),
        is_last: persistence == Persistence::Closed,
        consumed: request.map(|request| request.length),
    }
}
