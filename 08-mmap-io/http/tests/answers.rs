//! The rules from end to end, without a server: the bytes of a request and what was found go in, and an
//! answer comes out.

#![expect(clippy::expect_used, reason = "a test may panic")]

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_rules::{Answer, File, Persistence, Request, Status, Storage};

fn page() -> File<'static> {
    File {
        path: Path::new("folder/page.html"),
        size: 1_000,
        inode: 7,
        modified: 1_000_000_000,
        changed: (1_000_000_000, 5),
    }
}

/// What the server finds at the path of a request.
#[derive(Clone, Copy)]
enum Found {
    File,
    Directory,
    Nothing(Status),
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// Returns the answer to the request that `bytes` begin with, from a server that may be about to end.
fn answer(bytes: &str, found: Found, is_ending: bool) -> Answer {
    let mut storage = Storage::new();
    let mut request = match Request::parse(bytes.as_bytes(), &mut storage) {
        Ok(request) => request.expect("a whole head"),
        Err(status) => return Answer::malformed(bytes.as_bytes(), status, now()),
    };
    if is_ending {
        request.persistence = Persistence::Closed;
    }
    match (request.target(), found) {
        (Err(status), _) | (_, Found::Nothing(status)) => Answer::refusal(&request, status, now()),
        (Ok(_), Found::File) => Answer::file(&request, &page(), now()),
        (Ok(target), Found::Directory) => Answer::directory(&request, &target, now()),
    }
}

/// Returns the head, and the text behind it.
fn split(answer: &Answer) -> (&str, &str) {
    let text = str::from_utf8(&answer.head).expect("a head is text");
    text.split_once("\r\n\r\n").expect("an end of the head")
}

/// A method and a path, more fields, what is found, a part of the head, and the bytes that follow.
type Row<'a> = (&'a str, &'a str, Found, &'a str, Option<Range<u64>>);

#[test]
fn what_is_found_is_answered() {
    use Found::{Directory, File, Nothing};
    let first = answer("GET / HTTP/1.0\r\n\r\n", File, false);
    let mut head = split(&first).0.lines();
    let tag = head.find_map(|line| line.strip_prefix("ETag: "));
    let same = format!("If-None-Match: {}\r\n", tag.expect("a tag"));
    let (last, beyond) = ("Range: bytes=-1\r\n", "Range: bytes=1000-\r\n");
    let short = Nothing(Status::Unavailable);
    let whole = Some(0..1_000);
    let rows: [Row; 12] = [
        ("GET /", "", File, "HTTP/1.1 200 OK\r\n", whole.clone()),
        ("GET /", "", File, "Content-Type: text/html", whole.clone()),
        (
            "GET /",
            "",
            File,
            "Date: Tue, 14 Nov 2023 22",
            whole.clone(),
        ),
        ("GET /", "", File, "Last-Modified: Sun, 09 Sep 2001", whole),
        ("GET /", last, File, " 999-999/1000\r\n", Some(999..1_000)),
        ("GET /", beyond, File, " bytes */1000\r\n", None),
        ("GET /", &same, File, "HTTP/1.1 304 ", None),
        ("HEAD /", "", File, "Content-Length: 1000", None),
        (
            "GET /a%20b?c",
            "",
            Directory,
            "Location: /a%20b/?c\r\n",
            None,
        ),
        ("GET /a/", "", Directory, "HTTP/1.1 404 ", None),
        ("GET /a", "", short, "Retry-After: 1\r\n", None),
        ("POST /", "", File, "Allow: GET, HEAD\r\n", None),
    ];
    for (line, fields, found, expected, part) in rows {
        let request = format!("{line} HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
        let both = request.clone() + &request;
        let answer = answer(&both, found, false);
        let (head, body) = split(&answer);
        assert!(head.contains(expected), "{request}{head}");
        assert_eq!(answer.part, part, "{request}");
        assert_eq!(answer.next, Some(request.len()), "{request}");
        let has_text = part.is_none() && !line.starts_with("HEAD") && fields != same;
        assert_eq!(!body.is_empty(), has_text, "{request}{body}");
    }
}

#[test]
fn the_last_answer_says_so() {
    let get = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (request, is_ending) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), false),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), false),
        (format!("{get}Connection: x, close\r\n\r\n"), false),
        (format!("{get}Content-Length: 4\r\n\r\nbody"), false),
        (format!("{get}\r\n"), true),
    ] {
        let answer = answer(&request, Found::File, is_ending);
        assert!(split(&answer).0.contains("Connection: close"), "{request}");
        assert_eq!(answer.next, None, "{request}");
    }
}
