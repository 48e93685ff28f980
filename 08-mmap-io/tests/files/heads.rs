//! What a request's head may look like.

use suite::seen;

use crate::site::{Site, answer, ask, get, request};

/// Sends each head to a client of its own, which must get that status, and no second answer.
pub(crate) fn refused(site: &Site, heads: &[(&str, u16)]) {
    for (head, status) in heads {
        let client = site.connect();
        client.send(head.as_bytes());
        let answer = answer(&client);
        assert_eq!(answer.status, *status, "{head:?}");
        assert!(answer.is_last(), "{head:?}: {}", answer.head);
        client.expect_eof();
    }
}

#[test]
fn one_valid_host_is_wanted() {
    let site = Site::new("hosts");
    site.write("file", "here");
    for host in [
        "here",
        "here:8008",
        "here:",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:8008",
        "a-b.c_d~e",
        "%C3%BC.example",
        "",
    ] {
        let head = format!("GET /file HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(site.ask(head).status, 200, "{host}");
    }
    assert_eq!(site.ask("GET /file HTTP/1.0\r\n\r\n").status, 200);
    refused(
        &site,
        &[
            ("GET /file HTTP/1.1\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET /file HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: user@a\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: [here]\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: [::1]80\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: %zz\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: lo\0cal\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\nHost : a\r\n\r\n", 400),
            ("GET /file HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        ],
    );
}

#[test]
fn other_methods_are_told_apart() {
    let site = Site::new("methods");
    site.write("file", "here");
    let client = site.connect();
    for (method, target) in [
        ("POST", "/file"),
        ("PUT", "/file"),
        ("DELETE", "/file"),
        ("PATCH", "/missing"),
        ("TRACE", "/file"),
        ("OPTIONS", "*"),
        ("CONNECT", "here:443"),
    ] {
        let answer = ask(&client, request(method, target, ""));
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.field("Allow"), Some("GET, HEAD"), "{method}");
    }
    for method in ["BREW", "get", "GETS"] {
        assert_eq!(ask(&client, request(method, "/file", "")).status, 501);
    }
    // All of that on one connection, which goes on.
    assert_eq!(ask(&client, get("/file")).status, 200);
}

/// The head of an answer to HEAD is all of it, even if the request does not parse: the client would take a body for the
/// next answer (RFC 9110, section 9.3.2). What HEAD is not gets its body.
#[test]
fn a_refusal_of_head_has_no_body() {
    let site = Site::new("refused-head");
    let long = "x".repeat(9_000);
    let fields = "X: y\r\n".repeat(101);
    for (status, head) in [
        (400, "HEAD / HTTP/1.1\r\n\r\n".to_owned()),
        (400, "HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".into()),
        (400, "HEAD / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n".into()),
        (
            400,
            "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n".into(),
        ),
        (400, "HEAD /a b HTTP/1.1\r\n\r\n".into()),
        (400, "\r\n\nHEAD /\r\n\r\n".into()),
        (400, "HEAD\r\n\r\n".into()),
        (400, "  HEAD / HTTP/1.1\r\n\r\n".into()),
        (400, "HEAD\t/ HTTP/1.1\r\n\r\n".into()),
        (400, "HEAD / HTTP/1.1\0".into()),
        (
            400,
            "HEAD /%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".into(),
        ),
        (404, "HEAD /missing HTTP/1.0\r\n\r\n".into()),
        (414, format!("HEAD /{long} HTTP/1.1\r\nHost: h\r\n\r\n")),
        (414, format!("HEAD /{long}")),
        (431, format!("HEAD / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")),
        (
            431,
            format!("HEAD / HTTP/1.1\r\nHost: h\r\nX: {long}{long}"),
        ),
        (
            501,
            "HEAD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n".into(),
        ),
        (505, "HEAD / HTTP/2.0\r\nHost: h\r\n\r\n".into()),
    ] {
        let client = site.connect();
        client.send(head.as_bytes());
        let answer = crate::site::head(&client);
        assert_eq!(answer.status, status, "{head:?}");
        assert!(answer.is_last(), "{head:?}: {}", answer.head);
        let (body, _) = client.receive_to_end();
        assert_eq!(String::from_utf8_lossy(&body), "", "{head:?}");
    }
    for (status, line) in [
        (400, "HEA\0D / HTTP/1.1"),
        // Refused before the word has come.
        (400, "\rHEAD / HTTP/1.1"),
        (400, "\tHEAD / HTTP/1.1"),
        (400, "GET /HEAD HEAD HTTP/1.1"),
        (501, "HEADS / HTTP/1.1"),
        (501, "head / HTTP/1.1"),
    ] {
        let answer = site.ask(format!("{line}\r\nHost: h\r\n\r\n"));
        assert_eq!(answer.status, status, "{line:?}");
        assert!(!answer.body.is_empty(), "{line:?}: {}", answer.head);
    }
}

#[test]
fn a_long_head_is_refused_from_a_bounded_buffer() {
    let site = Site::new("long");
    site.write("file", "here");
    let long = |length| "x".repeat(length);
    let line = |length| format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", long(length));
    let field =
        |length| get("/file").replace("here\r\n", &format!("here\r\nX: {}\r\n", long(length)));
    let fields = |number| {
        get("/file").replace(
            "here\r\n",
            &format!("here\r\n{}", "X: y\r\n".repeat(number)),
        )
    };
    // As long as RFC 9112 asks for, and a longer one.
    assert_eq!(site.ask(line(7_900)).status, 404);
    assert_eq!(site.ask(line(8_192 - 14)).status, 404);
    assert_eq!(site.ask(line(8_193 - 14)).status, 414);
    assert_eq!(site.ask(line(9_000)).status, 414);
    assert_eq!(site.ask(line(100_000)).status, 414);
    assert_eq!(site.ask(field(15_000)).status, 200);
    assert_eq!(site.ask(field(17_000)).status, 431);
    assert_eq!(site.ask(field(100_000)).status, 431);
    assert_eq!(site.ask(fields(99)).status, 200);
    assert_eq!(site.ask(fields(101)).status, 431);
    // One that never ends, and so never gets beyond the bound.
    let memory = seen(site.server.process().memory());
    for start in ["GET /", "GET /file HTTP/1.1\r\nX: ", "\r\n"] {
        let client = site.connect();
        client.send(start.as_bytes());
        for _ in 0..200 {
            client.send(start.repeat(20_000 / start.len()).as_bytes());
        }
        assert!(matches!(answer(&client).status, 400 | 414 | 431));
    }
    let grown = seen(site.server.process().memory()).saturating_sub(memory);
    assert!(grown < 256 * 1024, "{grown} bytes for 12 MB of heads");
}
