//! Where a request ends: the bytes of a body are never a request, and what is unclear is refused.

use suite::End;

use crate::site::{Site, answer, get};

/// A request that must never be seen, as it is hidden in another one's body.
fn hidden() -> String {
    get("/hidden")
}

/// Sends what follows the request line, and behind it the hidden request; wants one answer with that
/// status, said to be the last, and EOF.
fn expect_one_answer(method: &str, fields: &str, body: &str, statuses: &[u16]) {
    let site = Site::new(&format!("framing-{method}-{:x}", hash(fields)));
    site.write("file", "here");
    site.write("hidden", "must not be sent");
    let client = site.connect();
    let head = format!("{method} /file HTTP/1.1\r\nHost: here\r\n{fields}\r\n");
    client.send(format!("{head}{body}{}", hidden()).as_bytes());
    let answer = match method {
        "HEAD" => crate::site::head(&client),
        _ => answer(&client),
    };
    assert!(
        statuses.contains(&answer.status),
        "{fields}: {}",
        answer.head
    );
    assert!(answer.is_last(), "{fields}: {}", answer.head);
    let (more, end) = client.receive_to_end();
    assert_eq!(String::from_utf8_lossy(&more), "", "{fields}");
    assert_eq!(end, End::Eof, "{fields}: the answer may be lost");
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn a_body_is_never_a_request() {
    let length = hidden().len();
    let chunk = format!("{length:x}\r\n{}\r\n0\r\n\r\n", hidden());
    let fields = format!("Content-Length: {length}\r\n");
    expect_one_answer("GET", &fields, &hidden(), &[200]);
    expect_one_answer("POST", &fields, &hidden(), &[405]);
    expect_one_answer("BREW", &fields, &hidden(), &[501]);
    expect_one_answer("GET", "Transfer-Encoding: chunked\r\n", &chunk, &[200]);
    expect_one_answer("POST", "transfer-encoding:CHUNKED\r\n", &chunk, &[405]);
    let expect = format!("{fields}Expect: 100-continue\r\n");
    expect_one_answer("POST", &expect, "", &[405]);
}

/// What two readers could read differently is refused.
#[test]
fn unclear_framing_is_refused() {
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 0\r\nContent-Length: 36\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: five\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: nonsense\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "X: a\0b\r\n",
        "X: a\rb\r\n",
        "X: a\r\n b\r\n",
        "X\0: a\r\n",
        "X: \x07\r\n",
        "X-[]: a\r\n",
        ": a\r\n",
        "X\r\n",
    ] {
        expect_one_answer("GET", fields, "0\r\n\r\n", &[400]);
    }
    expect_one_answer("GET", "Transfer-Encoding: gzip, chunked\r\n", "", &[501]);
}

/// HTTP/1.0 knows no chunks.
#[test]
fn chunks_in_http_1_0_are_refused() {
    let site = Site::new("chunks-1-0");
    let answer = site.ask("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!((answer.status, answer.is_last()), (400, true));
}

/// What comes behind a request that was said to be the last one is not a request any more, even if it came in the same
/// write (RFC 9112, section 9.6).
#[test]
fn nothing_follows_the_last_request() {
    expect_one_answer("GET", "Connection: close\r\n", "", &[200]);
    expect_one_answer("GET", "Connection: x, CLOSE\r\n", "\r\n", &[200]);
    expect_one_answer("POST", "Connection: close\r\n", "", &[405]);
    expect_one_answer("HEAD", "Connection: close\r\n", "", &[200]);
}

/// A request that says that it has no body may be followed by another one.
#[test]
fn a_length_of_zero_is_no_body() {
    let site = Site::new("length-zero");
    site.write("file", "here");
    let client = site.connect();
    let fields = "Content-Length: 0\r\n";
    let request = crate::site::get_with("/file", fields);
    client.send(request.repeat(2).as_bytes());
    for _ in 0..2 {
        let answer = answer(&client);
        assert_eq!((answer.status, answer.is_last()), (200, false));
    }
}

/// Somebody who still sends when the answer is made gets it all the same: a close with unread bytes would
/// be a reset, which discards it.
#[test]
fn an_early_answer_is_not_lost() {
    let site = Site::new("early");
    let client = site.connect();
    // The server waits 10 s at most for the end of it, also on a slow machine.
    let pieces = 500 / suite::slowness() as usize;
    let length = pieces * 100_000;
    client.send(
        format!("POST /file HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n").as_bytes(),
    );
    for _ in 0..pieces {
        client.send(&[b'x'; 100_000]);
    }
    assert_eq!(answer(&client).status, 405);
    client.expect_eof();
}
