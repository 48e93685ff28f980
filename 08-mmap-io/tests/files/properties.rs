//! What must hold whatever a client sends: properties, with inputs that `proptest` makes up.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::Write;
use std::net::Shutdown;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::path::{Component, PathBuf};
use std::sync::LazyLock;

use http_rules::{Persistence, Request, Status, Storage, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use stage_08::pages::Root;
use suite::End;

use crate::site::{Site, folder, get};

/// What requests are made of, right and wrong, between bars.
const PIECES: &str = "GET|HEAD|POST|BREW| |  |/|/file|*|http://h/|%2e|%00|?|#|HTTP/1.1|HTTP/1.0|\
    HTTP/9.9|\r\n|\n|\r|\0|\t|:|Host|Host: h\r\n|Content-Length|Content-Length: 4\r\n|chunked|,|4|x|\
    Content-Length: 0\r\n|Transfer-Encoding: chunked\r\n|Connection: close\r\n|é|\u{7f}|\r\n\r\n|\
    Connection: keep-alive\r\n|Range: bytes=1-2\r\n|GET /file HTTP/1.1\r\nHost: h\r\n\r\n|\
    HEAD /|HEAD / HTTP/1.1\r\n|GET / HTTP/1.1\r\n|GET /file HTTP/1.0\r\n|HEAD /file HTTP/1.1\r\nHost: h\r\n";

/// Header fields, right and wrong, that say nothing of a body.
const FIELDS: &str = "Host: h|Host: h:1|Connection: close|Connection: keep-alive|X: y|X:|X: \t y \t|\
    Content-Length: 0|Expect: 100-continue|Range: bytes=0-|Connection: Content-Length|X y: z|X: \x01";

/// Header fields that announce a body.
const BODIES: &str = "Content-Length: 4|content-LENGTH:\t0004 |Transfer-Encoding: chunked|\
    transfer-encoding:chunked|Transfer-Encoding: gzip|Content-Length: 4, 4|Content-Length: x";

/// What targets are made of; some are names in the tree below.
const SEGMENTS: &str = "/|//|.|..|%2e%2e|%2E.|%2f|..%2f|file|%66ile|folder|link-up|link-out|link-root|\
    link-in|loop|secret|paths.outside|etc|passwd|?|%00|%zz|%|é|%C3%A9|%ff| |http://h|proc|self|root|%252525";

/// Steps through the tree below, and out of it.
const STEPS: &str = "folder|.|..|link-in|link-up|link-out|link-root|paths|paths.outside";

/// Where they may end.
const ENDS: &str = "file|secret|link-out|etc/passwd|loop";

fn some_of(pieces: &'static str, number: Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    let pieces: Vec<&str> = pieces.split('|').collect();
    vec(select(pieces), number)
}

/// Bytes that look like requests, more or less.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    let noise = vec((any::<Index>(), any::<u8>()), 0..3);
    (some_of(PIECES, 0..24), noise).prop_map(|(pieces, noise)| {
        let mut bytes = pieces.concat().into_bytes();
        for (at, byte) in noise {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        bytes
    })
}

fn targets() -> impl Strategy<Value = String> {
    some_of(SEGMENTS, 0..10).prop_map(|segments| format!("/{}", segments.concat()))
}

/// Targets of which many are there, inside or outside.
fn ways() -> impl Strategy<Value = String> {
    let ends = ENDS.split('|').collect::<Vec<_>>();
    let way = (some_of(STEPS, 0..4), select(ends));
    let way = way.prop_map(|(steps, end)| format!("/{}/{end}", steps.join("/")));
    prop_oneof![targets(), way]
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Returns the parser's verdict: an error, that more has to come, or how long the head is, what happens to the
/// connection, and which target is asked for.
fn parse(bytes: &[u8]) -> Result<Option<(usize, Persistence, String)>, Status> {
    let mut storage = Storage::new();
    let request = Request::parse(bytes, &mut storage)?;
    Ok(request.map(|found| (found.length, found.persistence, found.raw_target.to_owned())))
}

/// A head ends with its empty line. What follows is none of its business, and what it is does not
/// depend on the reads that it came in.
#[test]
fn a_head_ends_where_it_ends() {
    proptest!(cases(4_000), |(bytes in heads(), more in heads())| {
        let whole = parse(&bytes);
        if let Ok(Some((length, ..))) = whole {
            let head = &bytes[..length];
            prop_assert!(head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n"));
            prop_assert_eq!(&parse(head), &whole);
            prop_assert_eq!(&parse(&[head, &more].concat()), &whole);
            for at in 0..length {
                prop_assert_eq!(parse(&bytes[..at]), Ok(None));
            }
        }
        if whole.is_err() {
            for at in 0..bytes.len() {
                let part = parse(&bytes[..at]);
                prop_assert!(part == Ok(None) || part == whole, "{part:?} of {at} bytes");
            }
        }
    });
}

/// A connection goes on only after a head that says nothing of a body.
#[test]
fn no_request_follows_a_body() {
    let body = some_of(BODIES, 1..3);
    let inputs = (some_of(FIELDS, 0..6), body, any::<Index>(), heads());
    proptest!(cases(4_000), |((mut fields, body, at, after) in inputs)| {
        let at = at.index(fields.len() + 1);
        fields.splice(at..at, body);
        let head = format!("GET /file HTTP/1.1\r\n{}\r\n\r\n", fields.join("\r\n"));
        match parse(&[head.as_bytes(), &after].concat()) {
            Ok(request) => prop_assert_eq!(request.map(|found| found.1), Some(Persistence::Closed)),
            Err(status) => prop_assert_ne!(status, Status::NotFound),
        }
    });
}

/// A path has plain names only, and its location leads back to it, on this host.
#[test]
fn a_target_names_a_plain_path() {
    proptest!(cases(4_000), |(target in targets())| {
        if let Ok(found) = Target::parse(&target) {
            let is_plain = |part| matches!(part, Component::Normal(_));
            prop_assert!(found.path.components().all(is_plain), "{found:?}");
            prop_assert!(!found.path.as_os_str().as_encoded_bytes().contains(&0));
            // The root is a directory, and never elsewhere.
            if found.path.as_os_str().is_empty() {
                prop_assert!(found.is_directory);
                return Ok(());
            }
            let place = found.location();
            prop_assert!(!place.starts_with("//"), "{place}");
            let path = place.split('?').next().unwrap_or_default();
            let is_printable = |byte: u8| byte.is_ascii_graphic();
            prop_assert!(path.bytes().all(is_printable), "{place:?}");
            prop_assert_eq!(Target::parse(path).map(|again| again.path), Ok(found.path));
        }
    });
}

/// A tree with links out of it, and what they lead to.
static TREE: LazyLock<PathBuf> = LazyLock::new(|| {
    let inside = folder("paths");
    let outside = folder("paths.outside");
    fs::write(outside.join("secret"), "secret").expect("a file outside");
    fs::create_dir_all(inside.join("folder/folder")).expect("a folder");
    for file in ["file", "folder/file"] {
        fs::write(inside.join(file), "inside").expect("a file");
    }
    for (target, link) in [
        ("..", "folder/link-up"),
        ("../..", "link-up"),
        ("../paths.outside", "link-out"),
        ("/", "link-root"),
        ("../../paths.outside/secret", "folder/link-out"),
        ("folder", "link-in"),
        ("loop", "loop"),
    ] {
        symlink(target, inside.join(link)).expect("a link");
    }
    inside
});

/// Nothing outside the root is opened, whatever path is asked for: as a client asks, and as it could
/// not.
#[test]
fn nothing_outside_the_root_is_opened() {
    let root = RefCell::new(Root::open(&TREE).expect("the tree"));
    let place = |file: &File| fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let opened = Cell::new(0);
    proptest!(cases(4_000), |(target in ways())| {
        let parsed = Target::parse(&target).map(|target| target.path).ok();
        for path in [parsed, Some(target.trim_start_matches('/').into())].iter().flatten() {
            if let Ok(Some(place)) = root.borrow_mut().with_file(path, |file, _| place(file)) {
                prop_assert!(place.starts_with(&*TREE), "{path:?} is {place:?}");
                opened.set(opened.get() + 1);
            }
        }
    });
    assert!(opened.get() > 100, "only {} were opened", opened.get());
}

/// The same bytes get the same answers, however they are cut: as many answers as requests, and nothing of one is taken
/// for the next.
#[test]
fn answers_do_not_depend_on_the_pieces() {
    let site = Site::new("pieces");
    site.write_old("file", "0123456789");
    let inputs = (heads(), heads(), vec(1..60_usize, 1..20));
    proptest!(cases(300), |((first, second, pieces) in inputs)| {
        // A request before, so that one answer comes at least.
        let bytes = [get("/file").as_bytes(), &first, &second].concat();
        let whole = answers(&site, &bytes, &[bytes.len()]);
        prop_assert_eq!(answers(&site, &bytes, &pieces), whole);
    });
    assert!(site.server.is_alive());
}

/// What comes for `bytes`, sent in pieces of such lengths, but for the dates; and how it ends.
fn answers(site: &Site, bytes: &[u8], pieces: &[usize]) -> (String, End) {
    let client = site.connect();
    let mut rest = bytes;
    for length in pieces.iter().cycle() {
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        // The server may have had enough, and closed.
        let sent = client.stream().write_all(piece);
        rest = after;
        if rest.is_empty() || sent.is_err() {
            break;
        }
    }
    let _ = client.stream().shutdown(Shutdown::Write);
    let (answers, end) = client.receive_to_end();
    let answers = String::from_utf8_lossy(&answers);
    let lines = answers.lines().filter(|line| !line.starts_with("Date: "));
    (lines.collect::<Vec<_>>().join("\n"), end)
}
