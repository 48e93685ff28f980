//! The first line of a request (RFC 9112, section 3): its words, and the version of HTTP (section 2.3).

use crate::heads::refused;
use crate::site::{Site, answer, ask, get};

/// A line is a method, a target and a version, with one space between two of them. What white space there
/// is besides belongs to none of them: 400, and no other version of HTTP (RFC 9112, section 3).
#[test]
fn a_first_line_is_three_words() {
    let site = Site::new("three-words");
    site.write("a", "never sent");
    site.write("a b.txt", "never sent");
    for line in [
        "GET /a b.txt HTTP/1.1",
        "GET /% 20 HTTP/1.1",
        "GET /a  HTTP/1.1",
        "GET  /a HTTP/1.1",
        "GET /a HTTP/1.1 ",
        "GET /a HTTP/1.1\t",
        "GET /a HTTP/1.1 HTTP/1.1",
        "GET /a HTTP/9.9 HTTP/9.9",
        "GET /a b HTTP/9.9",
        " GET /a HTTP/1.1",
        "\tGET /a HTTP/1.1",
        "GET\t/a\tHTTP/1.1",
        "GET /a\tHTTP/1.1",
        "GET /a\tb HTTP/1.1",
        "GET\u{b}/a\u{c}HTTP/1.1",
        "GET /a\u{a0}HTTP/1.1",
        "GET /a HTTP/1.1\r\r",
        "GET /a\rb HTTP/1.1",
        "\rGET /a HTTP/1.1",
        "GET /a\0 HTTP/1.1",
        "GET /a\u{7f} HTTP/1.1",
        "GET /a\u{1b}[2J HTTP/1.1",
        "GET /a",
        "GET /a ",
        "GET HTTP/1.1",
        "GET  HTTP/1.1",
        " /a HTTP/1.1",
        "GET",
        "GET ",
        " ",
        "hello",
        "GE(T /a HTTP/1.1",
        "GET: /a HTTP/1.1",
        "\u{c4}GET /a HTTP/1.1",
        "\x16\x03\x01\x02\0\x01",
    ] {
        for end in ["\r\n", "\n"] {
            let head = format!("{line}{end}Host: h\r\n\r\n");
            refused(&site, &[(&head, 400)]);
        }
    }
}

/// A target is ASCII: what is not has to be encoded (RFC 3986, section 2.1), and is not guessed at (RFC 9112,
/// section 3.2). What is ASCII, and should have been encoded, is taken as it is: browsers send some of it.
#[test]
fn a_target_is_ascii() {
    let site = Site::new("ascii");
    site.write("ü", "encoded");
    site.write("a|b\\^`{}<>\"c", "as it is");
    for target in [
        &b"/\xc3\xbc"[..],
        b"/\xfc",
        b"/\xc0\xaf",
        b"/?\xc3\xbc",
        b"/\xc2\x85",
        b"\xef\xbc\x8f",
    ] {
        let client = site.connect();
        client.send(&[b"GET ", target, b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat());
        assert_eq!(answer(&client).status, 400, "{target:?}");
        client.expect_eof();
    }
    assert_eq!(site.get("/%C3%BC").body, b"encoded");
    assert_eq!(site.get("/a|b\\^`{}<>\"c").body, b"as it is");
}

/// What cannot become a line is refused before its end comes: a client that speaks TLS here sends none.
#[test]
fn nonsense_need_not_come_to_its_end() {
    let site = Site::new("nonsense");
    for start in [
        "\x16\x03\x01",
        "GET /a\0",
        "GET /ü",
        "GET\t",
        "GET /a HTTP/1.1\rX",
    ] {
        refused(&site, &[(start, 400)]);
    }
}

/// A minor version that is not known is served as 1.1, the highest one that is (RFC 9110, section 2.5).
#[test]
fn a_higher_minor_version_is_served() {
    let site = Site::new("minor");
    site.write("file", "here");
    let client = site.connect();
    for minor in 1..=9 {
        let head = get("/file").replace("HTTP/1.1", &format!("HTTP/1.{minor}"));
        let answer = ask(&client, head);
        assert_eq!((answer.status, &*answer.body), (200, &b"here"[..]));
        assert!(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(!answer.is_last(), "HTTP/1.{minor}: {}", answer.head);
    }
    // With what 1.1 demands, and what it allows.
    refused(
        &site,
        &[
            ("GET /file HTTP/1.2\r\n\r\n", 400),
            ("GET /file HTTP/1.9\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            (
                "GET /file HTTP/1.3\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                200,
            ),
        ],
    );
}

#[test]
fn other_versions_are_told_apart() {
    refused(
        &Site::new("versions-of-http"),
        &[
            ("GET / HTTP/9.9\r\nHost: h\r\n\r\n", 505),
            ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            ("\r\nGET / HTTP/0.9\r\nHost: h\r\n\r\n", 505),
            ("GET / HTTP/0.0\nHost: h\r\n\r\n", 505),
            ("GET / HTTP/11\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/2\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1.\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/.1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/01.1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1.1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1,1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/-1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/1.x\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/a.b\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP 1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTP/ 1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / http/1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / Http/2.0\r\nHost: h\r\n\r\n", 400),
            ("GET / HTTPS/1.1\r\nHost: h\r\n\r\n", 400),
            ("GET / FTP/1.1\r\nHost: h\r\n\r\n", 400),
        ],
    );
}
