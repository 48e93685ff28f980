//! One request after the other, and the ends of a connection (RFC 9112, section 9).

use nix::sys::signal::Signal;
use suite::{Call, End, assert_same, eventually, seen};

use crate::site::{Site, answer, ask, get, get_with, head};

#[test]
fn answers_come_in_the_order_of_requests() {
    let site = Site::new("order");
    for name in ["a", "b", "c"] {
        site.write(name, name.repeat(10_000));
    }
    let client = site.connect();
    let names = ["a", "b", "c", "missing", "a", "c"];
    let requests = names.map(|name| get(&format!("/{name}"))).concat();
    client.send(requests.as_bytes());
    client.half_close();
    for name in names {
        let answer = answer(&client);
        match name {
            "missing" => assert_eq!(answer.status, 404),
            _ => assert_same(name.repeat(10_000).as_bytes(), &answer.body),
        }
    }
    client.expect_eof();
}

#[test]
fn a_request_may_come_in_fragments() {
    let site = Site::new("fragments");
    site.write("file", "here");
    let client = site.connect();
    let requests = get("/file").repeat(2);
    for byte in requests.bytes() {
        client.send(&[byte]);
    }
    for _ in 0..2 {
        assert_eq!(answer(&client).body, b"here");
    }
    // Also one that is refused: what it gets does not depend on what has come of it so far.
    let other = site.connect();
    for byte in "GET / HTTP/9.9\r\nHost: h\r\n\r\n".bytes() {
        // The answer may come before the last byte, and the end soon after.
        let _ = std::io::Write::write_all(&mut other.stream(), &[byte]);
    }
    assert_eq!(answer(&other).status, 505);
    // Two reads, cut in each place there is.
    for at in 1..requests.len() {
        let (first, second) = requests.split_at(at);
        client.send(first.as_bytes());
        client.send(second.as_bytes());
        for _ in 0..2 {
            assert_eq!(answer(&client).body, b"here", "{at}");
        }
    }
}

#[test]
fn empty_lines_before_a_request_are_skipped() {
    let site = Site::new("empty-lines");
    site.write("file", "here");
    let client = site.connect();
    let requests = format!("\r\n\r\n{}\r\n{}", get("/file"), get("/file"));
    client.send(requests.as_bytes());
    for _ in 0..2 {
        assert_eq!(answer(&client).body, b"here");
    }
}

#[test]
fn a_connection_is_kept_as_the_client_wants_it() {
    let site = Site::new("keep-alive");
    site.write("file", "here");
    let old = |fields: &str| format!("GET /file HTTP/1.0\r\n{fields}\r\n");
    for (request, is_kept) in [
        (get("/file"), true),
        (get_with("/file", "Connection: close\r\n"), false),
        (get_with("/file", "connection: TE, Close\r\n"), false),
        (
            get_with("/file", "Connection: TE\r\nConnection: close\r\n"),
            false,
        ),
        (get_with("/file", "Connection: keep-alive\r\n"), true),
        (old(""), false),
        (old("Connection: keep-alive\r\n"), true),
        (old("Connection: Keep-Alive, close\r\n"), false),
    ] {
        let client = site.connect();
        let first = ask(&client, &request);
        assert_eq!(
            (first.status, first.is_last()),
            (200, !is_kept),
            "{request}"
        );
        if is_kept {
            assert_eq!(ask(&client, get("/file")).body, b"here");
        } else {
            client.expect_eof();
        }
    }
}

/// A client that has said everything is answered, to the last byte of a download that is stalled.
#[test]
fn a_half_closed_client_is_answered() {
    let site = Site::new("half-close");
    let (_, client) = site.stalled(64 << 20);
    client.half_close();
    site.server.expect_rest(&site.server.connect());
    assert_eq!(client.receive(64 << 20).len(), 64 << 20);
    client.expect_eof();
    // Half a request is none.
    let client = site.connect();
    client.send(b"GET /large HTTP/1.1\r\nHos");
    client.half_close();
    client.expect_eof();
}

/// Many requests at once, for more than a client is sent in one turn, are answered in turns: whether the
/// reader is fast or slow, all come.
#[test]
fn many_requests_at_once_leave_time_for_others() {
    let site = Site::new("turns");
    site.write_sparse("large", 1 << 20);
    for client in [site.connect(), site.connect().with_small_buffers()] {
        let tracer = site.server.trace();
        client.send(get("/large").repeat(200).as_bytes());
        for number in 0..200 {
            assert_eq!(answer(&client).body.len(), 1 << 20, "{number}");
        }
        let calls = tracer.finish();
        let turns = calls.split(Call::is_wait);
        let sent = |turn: &[Call]| -> i64 {
            let calls = turn.iter().filter(|call| call.name() == "writev");
            calls.map(|call| call.result.max(0)).sum()
        };
        let most = turns.map(sent).max();
        assert!(
            most.is_some_and(|most| (1..3 << 20).contains(&most)),
            "{most:?} bytes in a turn"
        );
    }
}

/// On SIGTERM a transfer under way may finish; who only keeps a connection open is let go at once, and
/// nobody is let in.
#[test]
fn sigterm_lets_a_transfer_finish() {
    let site = Site::new("sigterm");
    let idle = site.connect();
    site.write("small", "here");
    ask(&idle, get("/small"));
    // More than the buffers of a socket hold, and no more than a slow machine sends in 2 s.
    let length = ((16 << 20) / suite::slowness() as usize).max(8 << 20);
    let (_, client) = site.stalled(length as u64);
    site.server.signal(Signal::SIGTERM);
    assert_eq!(idle.receive_to_end(), (Vec::new(), End::Eof));
    assert!(std::net::TcpStream::connect(site.http).is_err());
    assert_eq!(client.receive(length).len(), length);
    client.expect_eof();
    assert_eq!(site.server.wait().code(), Some(0));
}

/// A client that asks after SIGTERM, while others are still served, is answered, and told that it was the last time.
#[test]
fn sigterm_ends_keeping_alive() {
    let site = Site::new("sigterm-asks");
    site.write("small", "here");
    let (_, client) = site.stalled(32 << 20);
    let slow = site.connect();
    let (first, rest) = "GET /small HTTP/1.1\r\nHost: h\r\n\r\n".split_at(10);
    slow.send(first.as_bytes());
    site.server.signal(Signal::SIGTERM);
    eventually("the server to let nobody in", || {
        std::net::TcpStream::connect(site.http).is_err()
    });
    slow.send(rest.as_bytes());
    let answer = answer(&slow);
    assert_eq!((&*answer.body, answer.is_last()), (&b"here"[..], true));
    slow.expect_eof();
    drop(client);
    assert_eq!(site.server.wait().code(), Some(0));
}

/// A request that has been sent before SIGTERM is answered; a client that does not read has 2 s.
#[test]
fn sigterm_waits_two_seconds_at_most() {
    let site = Site::new("sigterm-stalled");
    site.write("small", "here");
    let (_, _stalled) = site.stalled(1 << 30);
    let client = site.connect();
    site.server.stop();
    client.send(get("/small").as_bytes());
    site.server.signal(Signal::SIGTERM);
    site.server.go_on();
    assert_eq!(answer(&client).body, b"here");
    client.expect_eof();
    assert_eq!(site.server.wait().code(), Some(0));
}

/// No call on a socket may wait: a client that does not read would hold up all the others. (Loopback's
/// sockets take so much that it hardly shows.)
#[test]
fn no_socket_blocks() {
    let site = Site::new("non-blocking");
    let client = site.connect();
    ask(&client, get("/missing"));
    let process = site.server.process();
    let sockets = process.sockets();
    assert_eq!(sockets.len(), 3, "two listeners and a client");
    for number in sockets {
        let flags = seen(process.status_flags(number));
        assert!(flags & libc::O_NONBLOCK != 0, "descriptor {number} blocks");
    }
}

/// Clients that break off, at any point, harm nobody.
#[test]
fn resets_end_their_own_connection_only() {
    let site = Site::new("resets");
    site.write("small", "here");
    let neighbour = site.connect();
    site.write_sparse("large", 1 << 30);
    for round in 0..50 {
        let stalled = site.stall();
        let half = site.connect();
        half.send(b"GET /small HT");
        let pipelined = site.connect();
        pipelined.send(get("/large").repeat(100).as_bytes());
        head(&pipelined);
        let body = site.connect();
        body.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\nxxx");
        for client in [stalled, half, pipelined, body] {
            client.reset();
        }
        assert_eq!(ask(&neighbour, get("/small")).body, b"here", "{round}");
    }
    site.server.connect().echo(b"nor the echo");
    assert_eq!(site.server.whole_log(), "");
}
