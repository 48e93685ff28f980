//! The lesson: the file's pages are mapped, and sent from there; nobody reads the file.

use suite::{Call, assert_same, eventually, page_size, pattern};

use crate::site::{Site, get, head};

#[test]
fn files_come_back_byte_for_byte() {
    let site = Site::new("byte-for-byte");
    let client = site.connect();
    let bytes: Vec<u8> = (0..40)
        .flat_map(|n| pattern(n * 65_536, 65_536))
        .copied()
        .collect();
    // An empty file cannot be mapped; the others end before, at and after the end of a page.
    let page = page_size();
    for length in [0, 1, page - 1, page, page + 1, 4 * page, bytes.len()] {
        site.write("a file", &bytes[..length]);
        let answer = crate::site::ask(&client, get("/a%20file?query"));
        assert_eq!(answer.status, 200);
        assert_same(&bytes[..length], &answer.body);
    }
    client.half_close();
    client.expect_eof();

    // One that needs many writes, as the socket is soon full.
    site.write("a file", bytes.repeat(6));
    let client = site.connect().with_small_buffers();
    client.send(get("/a%20file").as_bytes());
    let length = head(&client).length();
    assert_same(&bytes.repeat(6), &client.receive(length));
}

#[test]
fn files_are_mapped_and_not_read() {
    let site = Site::new("mapped");
    let tracer = site.server.trace();
    let (path, client) = site.stalled(64 << 20);
    assert_eq!(site.maps(&path), 1, "the file is not mapped");
    let body = client.receive(64 << 20);
    assert_eq!(body.len(), 64 << 20);
    let calls = tracer.finish();
    let copies = |call: &Call| {
        let name = call.name();
        matches!(name, "read" | "pread64" | "readv" | "sendfile" | "splice")
    };
    let copied: Vec<_> = calls.iter().filter(|call| copies(call)).collect();
    assert!(copied.is_empty(), "{copied:?}");
    // The head and the first of the body left together.
    let first = calls.iter().find(|call| call.name() == "writev");
    assert!(
        first.is_some_and(|call| call.args[2] == 2 && call.result > 8_192),
        "{first:?}"
    );
    client.half_close();
    client.expect_eof();
    eventually("the server to give the mapping back", || {
        site.maps(&path) == 0
    });
}

/// A request for a file that is mapped already costs four system calls, whatever HTTP asks for.
#[test]
fn a_request_is_four_system_calls() {
    let site = Site::new("four-calls");
    site.write("file", "some text");
    let client = site.connect();
    let ask = || assert_eq!(crate::site::ask(&client, get("/file")).status, 200);
    ask();
    let tracer = site.server.trace();
    (0..10).for_each(|_| ask());
    let calls = tracer.finish();
    let names: Vec<_> = calls.iter().map(Call::name).collect();
    let one = [
        Call::is_wait,
        Call::is_read,
        Call::is_stat,
        |call: &Call| call.name() == "writev",
    ];
    // Somewhere in between the server may look whether a file is to be let go.
    let is_pair = |pair: &[Call]| {
        let mut steps = one.iter().cycle();
        pair.iter()
            .all(|call| steps.next().is_some_and(|is| is(call)))
    };
    assert!(calls.windows(8).any(is_pair), "{names:?}");
}

/// A reader that is as fast as the server does not have it for itself: each call is bounded.
#[test]
fn a_fast_reader_leaves_time_for_others() {
    let site = Site::new("bounded");
    site.write_sparse("large", 512 << 20);
    let client = site.connect();
    let tracer = site.server.trace();
    client.send(get("/large").as_bytes());
    let mut rest = head(&client).length();
    while rest > 0 {
        rest -= client.receive(rest.min(8 << 20)).len();
    }
    let calls = tracer.finish();
    let sent = calls.iter().filter(|call| call.name() == "writev");
    let most = sent.map(|call| call.result).max();
    assert!(
        most.is_some_and(|most| (1..2 << 20).contains(&most)),
        "{most:?} bytes at once"
    );
}
