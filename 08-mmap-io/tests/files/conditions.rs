//! Conditional requests (RFC 9110, section 13).

use std::fs::{self, File};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use suite::Client;

use crate::site::{Answer, Site, ask, get, get_with, request};

const LONG_AGO: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const MUCH_LATER: &str = "Fri, 31 Dec 2100 23:59:59 GMT";

/// A client of a file with these validators.
struct Known {
    _site: Site,
    client: Client,
    etag: String,
    modified: String,
}

impl Known {
    fn new(name: &str) -> Self {
        let site = Site::new(name);
        site.write_old("file", "0123456789");
        let client = site.connect();
        let answer = ask(&client, get("/file"));
        let field = |name| answer.field(name).expect("a validator").to_owned();
        Self {
            client,
            etag: field("ETag"),
            modified: field("Last-Modified"),
            _site: site,
        }
    }

    /// Asks with `fields`, in which `TAG` and `TIME` stand for the validators.
    fn ask(&self, method: &str, fields: &str) -> Answer {
        let fields = fields
            .replace("TAG", &self.etag)
            .replace("TIME", &self.modified)
            .replace("LONG_AGO", LONG_AGO)
            .replace("LATER", MUCH_LATER);
        let answer = ask(&self.client, request(method, "/file", &fields));
        if answer.status == 200 && method == "GET" {
            assert_eq!(answer.body, b"0123456789");
        }
        answer
    }

    fn expect(&self, cases: &[(&str, u16)]) {
        for (fields, status) in cases {
            for method in ["GET", "HEAD"] {
                assert_eq!(
                    self.ask(method, fields).status,
                    *status,
                    "{method} {fields}"
                );
            }
        }
    }
}

#[test]
fn if_none_match_comes_before_if_modified_since() {
    let known = Known::new("if-none-match");
    known.expect(&[
        ("If-None-Match: TAG\r\n", 304),
        ("If-None-Match: W/TAG\r\n", 304),
        ("If-None-Match: *\r\n", 304),
        ("If-None-Match: \"a\", W/\"b,c\" ,TAG\r\n", 304),
        ("If-None-Match: \"a\"\r\nIf-None-Match: TAG\r\n", 304),
        ("If-None-Match: \"other\"\r\n", 200),
        ("If-None-Match: nonsense\r\n", 200),
        ("If-None-Match: *x\r\n", 200),
        ("If-None-Match: \"other\r\n", 200),
        ("If-None-Match:\r\n", 200),
        (
            "If-None-Match: \"other\"\r\nIf-Modified-Since: LATER\r\n",
            200,
        ),
        ("If-None-Match: TAG\r\nIf-Modified-Since: LONG_AGO\r\n", 304),
    ]);
    let answer = known.ask("GET", "If-None-Match: TAG\r\n");
    assert_eq!(answer.field("ETag"), Some(&*known.etag));
    assert!(answer.field("Date").is_some() && answer.body.is_empty());
}

#[test]
fn if_modified_since_compares_times() {
    Known::new("if-modified-since").expect(&[
        ("If-Modified-Since: TIME\r\n", 304),
        ("If-Modified-Since: LATER\r\n", 304),
        ("If-Modified-Since: LONG_AGO\r\n", 200),
        ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 200),
        ("If-Modified-Since: yesterday\r\n", 200),
        ("If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT\r\n", 200),
        (
            "If-Modified-Since: LATER\r\nIf-Modified-Since: LATER\r\n",
            200,
        ),
    ]);
}

#[test]
fn if_match_and_if_unmodified_since_are_412() {
    Known::new("if-match").expect(&[
        ("If-Match: TAG\r\n", 200),
        ("If-Match: *\r\n", 200),
        ("If-Match: \"a\", TAG\r\n", 200),
        ("If-Match: \"other\"\r\n", 412),
        // The comparison is the strong one.
        ("If-Match: W/TAG\r\n", 412),
        ("If-Unmodified-Since: TIME\r\n", 200),
        ("If-Unmodified-Since: LATER\r\n", 200),
        ("If-Unmodified-Since: LONG_AGO\r\n", 412),
        ("If-Unmodified-Since: nonsense\r\n", 200),
        ("If-Match: TAG\r\nIf-Unmodified-Since: LONG_AGO\r\n", 200),
        ("If-Match: \"other\"\r\nIf-None-Match: TAG\r\n", 412),
        ("If-Match: TAG\r\nIf-None-Match: TAG\r\n", 304),
    ]);
}

#[test]
fn if_range_wants_this_very_version() {
    // What is known of a time that is not long past is in `fresh.rs`.
    let known = Known::new("if-range");
    for (value, status) in [
        ("TAG", 206),
        ("W/TAG", 200),
        ("\"other\"", 200),
        ("TIME", 206),
        ("LATER", 200),
        ("LONG_AGO", 200),
        ("nonsense", 200),
    ] {
        let fields = format!("Range: bytes=2-3\r\nIf-Range: {value}\r\n");
        assert_eq!(known.ask("GET", &fields).status, status, "{value}");
    }
    // Without a range it means nothing; a condition that fails comes before.
    assert_eq!(known.ask("GET", "If-Range: TAG\r\n").status, 200);
    let fields = "Range: bytes=2-3\r\nIf-Range: TAG\r\nIf-Match: \"other\"\r\n";
    assert_eq!(known.ask("GET", fields).status, 412);
}

/// Times that HTTP cannot say, or that have not come yet, are no reason to panic, nor are they sent.
#[test]
fn strange_times_are_left_out() {
    let site = Site::new("times");
    let path = site.write("file", "text");
    let day = Duration::from_secs(86_400);
    let times = [
        (UNIX_EPOCH - 10_000 * day, false),
        (UNIX_EPOCH - Duration::from_nanos(1), false),
        (UNIX_EPOCH, true),
        (SystemTime::now() - day, true),
        (SystemTime::now() + day, false),
        (UNIX_EPOCH + 160_000 * day, false),
    ];
    for (time, is_sent) in times {
        let file = File::options().write(true).open(&path).expect("the file");
        file.set_modified(time).expect("another time");
        // Not every file system can hold each of them.
        let kept = file.metadata().and_then(|data| data.modified());
        let sent = is_sent || kept.is_ok_and(|kept| kept != time && kept <= SystemTime::now());
        let tag = site.settled_tag("file");
        let client = site.connect();
        let answer = ask(&client, get("/file"));
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.field("Last-Modified").is_some(),
            sent,
            "{}",
            answer.head
        );
        let same = get_with("/file", &format!("If-None-Match: {tag}\r\n"));
        assert_eq!(ask(&client, same).status, 304);
    }
}

/// Versions of one size, some within one second, under one name: their tags differ, before they have settled
/// and after.
#[test]
fn each_version_has_a_tag_of_its_own() {
    let site = Site::new("versions");
    let client = site.connect();
    let mut tags = Vec::new();
    let path = site.write("file", "0");
    let time = fs::metadata(&path).and_then(|data| data.modified());
    let time = time.expect("a time");
    for version in 0..20_u8 {
        match version % 2 {
            // In its place, and with the time of the first one set back.
            0 => {
                fs::write(&path, [version]).expect("a write");
                let file = File::options().write(true).open(&path).expect("the file");
                file.set_modified(time).expect("another time");
            }
            _ => {
                let new = site.write("new", [version]);
                fs::rename(new, &path).expect("a rename");
            }
        }
        let answer = ask(&client, get("/file"));
        assert_eq!(answer.body, [version]);
        let first = answer.field("ETag").expect("a tag").to_owned();
        // The two are one if that took so long.
        let both = [first, site.settled_tag("file")];
        let is_new = both.iter().all(|tag| !tags.contains(tag));
        assert!(is_new, "{both:?}, and {tags:?}");
        tags.extend(both);
    }
}
