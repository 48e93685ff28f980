//! What is served: files, by GET and HEAD, and the index of a directory.

use std::fs;
use std::time::{Duration, SystemTime};

use suite::eventually;

use crate::site::{Site, ask, get, request};

#[test]
fn get_sends_a_file_and_what_is_known_of_it() {
    let site = Site::new("get");
    let path = site.write_old("page.html", "<p>text");
    let answer = site.get("/page.html");
    assert_eq!((answer.status, &*answer.body), (200, &b"<p>text"[..]));
    assert_eq!(answer.length(), 7);
    let fields = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
        ("Accept-Ranges", "bytes"),
    ];
    for (name, value) in fields {
        assert_eq!(answer.field(name), Some(value));
    }
    let modified = fs::metadata(path).and_then(|data| data.modified());
    let modified = httpdate::fmt_http_date(modified.expect("a time"));
    assert_eq!(answer.field("Last-Modified"), Some(&*modified));
    let etag = answer.field("ETag").unwrap_or_default();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
}

/// Each answer says when it was made.
#[test]
fn dates_go_with_the_time() {
    let site = Site::new("dates");
    site.write("file", "text");
    let client = site.connect();
    let date = || {
        let before = SystemTime::now();
        let answer = ask(&client, get("/file"));
        let date = answer.field("Date").map(httpdate::parse_http_date);
        let date = date.expect("a date").expect("a date that is one");
        // It is cut to whole seconds.
        assert!(date <= SystemTime::now() && date + Duration::from_secs(1) > before);
        date
    };
    let first = date();
    eventually("a second to go by", || date() != first);
}

#[test]
fn head_sends_the_same_head_alone() {
    let site = Site::new("head");
    site.write_old("file", "text");
    let client = site.connect();
    let whole = ask(&client, get("/file"));
    let head = ask(&client, request("HEAD", "/file", ""));
    let without_date = |head: &str| -> Vec<String> {
        let lines = head.lines().filter(|line| !line.starts_with("Date:"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(without_date(&head.head), without_date(&whole.head));
    for target in ["/missing", "/../file"] {
        let head = ask(&client, request("HEAD", target, ""));
        assert_eq!((head.status, head.length()), (404, 14));
    }
    client.half_close();
    client.expect_eof();
}

#[test]
fn a_type_follows_from_a_name() {
    let site = Site::new("types");
    let types = [
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.HTML", "text/html; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("a.json", "application/json"),
        ("a.woff2", "font/woff2"),
        ("a", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
    ];
    for (name, expected) in types {
        site.write(name, "<script>");
        let answer = site.get(&format!("/{name}"));
        assert_eq!(answer.field("Content-Type"), Some(expected), "{name}");
        assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
    }
}

#[test]
fn a_directory_is_its_index() {
    let site = Site::new("index");
    site.write("index.html", "the root's");
    site.write("docs/index.html", "the docs'");
    fs::create_dir_all(site.folder.join("empty/index.html")).expect("a folder");
    for (target, body) in [
        ("/", "the root's"),
        ("/?query", "the root's"),
        ("/docs/", "the docs'"),
        ("/docs/.", "the docs'"),
        ("http://here", "the root's"),
        ("http://here/docs/", "the docs'"),
    ] {
        let answer = site.get(target);
        assert_eq!((answer.status, &*answer.body), (200, body.as_bytes()));
        let media_type = answer.field("Content-Type");
        assert_eq!(media_type, Some("text/html; charset=utf-8"));
    }
    for target in ["/docs/index.html/", "/empty/", "/docs/index.html/."] {
        assert_eq!(site.get(target).status, 404, "{target}");
    }
}

/// A directory without the `/` at its end is elsewhere, and always on this host.
#[test]
fn a_redirect_stays_on_this_host() {
    let site = Site::new("redirect");
    for folder in [
        "docs",
        "evil.com/x",
        "\\evil.com",
        "http:/evil.com",
        "a b",
        "line\r\nSet-Cookie: a",
        "ü",
    ] {
        fs::create_dir_all(site.folder.join(folder)).expect("a folder");
    }
    for (target, location) in [
        ("/docs", "/docs/"),
        ("/docs?a=b&c", "/docs/?a=b&c"),
        ("/docs?%C3%BC=<\">", "/docs/?%C3%BC=%3C%22%3E"),
        ("//evil.com/x", "/evil.com/x/"),
        ("///evil.com/x", "/evil.com/x/"),
        ("/%2Fevil.com/x", "/evil.com/x/"),
        ("//evil.com", "/evil.com/"),
        ("/\\evil.com", "/%5Cevil.com/"),
        ("/%5Cevil.com", "/%5Cevil.com/"),
        ("//\\evil.com", "/%5Cevil.com/"),
        ("/http:/evil.com", "/http%3A/evil.com/"),
        ("/http://evil.com", "/http%3A/evil.com/"),
        ("http://here//evil.com", "/evil.com/"),
        ("http://evil.com/docs", "/docs/"),
        ("/a%20b", "/a%20b/"),
        (
            "/line%0D%0ASet-Cookie:%20a",
            "/line%0D%0ASet-Cookie%3A%20a/",
        ),
        ("/%C3%BC", "/%C3%BC/"),
    ] {
        let answer = site.get(target);
        assert_eq!(answer.status, 301, "{target}");
        assert_eq!(answer.field("Location"), Some(location), "{target}");
        assert_eq!(answer.field("Set-Cookie"), None);
    }
}
