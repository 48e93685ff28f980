//! Stage 8 as a server of files: what a client gets, and how the kernel sees it done.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod site;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::symlink;
use std::process::Command;

use nix::sys::signal::Signal;
use suite::{Client, End, assert_same, eventually, pattern};

use site::{Site, ask, get, head};

#[test]
fn files_come_back_byte_for_byte() {
    let site = Site::new("byte-for-byte");
    let client = site.connect();
    let bytes: Vec<u8> = (0..40)
        .flat_map(|n| pattern(n * 65_536, 65_536))
        .copied()
        .collect();
    // An empty file cannot be mapped; the others end before, at and after the end of a page.
    for length in [0, 1, 4_095, 4_096, 4_097, 65_536, bytes.len()] {
        site.write("a file", &bytes[..length]);
        let (status, body) = get(&client, "/a%20file?query");
        assert_eq!(status, "200");
        assert_same(&bytes[..length], &body);
    }
    client.half_close();
    client.expect_eof();

    // One that needs many writes, as the socket is soon full.
    site.write("a file", &bytes.repeat(6));
    let client = site.connect().with_small_buffers();
    ask(&client, "/a%20file");
    let (_, length) = head(&client);
    assert_same(&bytes.repeat(6), &client.receive(length));
}

#[test]
fn answers_come_in_the_order_of_requests() {
    let site = Site::new("order");
    for name in ["a", "b", "c"] {
        site.write(name, name.repeat(10_000).as_bytes());
    }
    let client = site.connect();
    let names = ["a", "b", "c", "a", "c"];
    names
        .iter()
        .for_each(|name| ask(&client, &format!("/{name}")));
    client.half_close();
    for name in names {
        let (status, length) = head(&client);
        assert_eq!(status, "200");
        assert_same(name.repeat(10_000).as_bytes(), &client.receive(length));
    }
    client.expect_eof();
    // A head in pieces, and a client that wants no second answer.
    let client = site.connect();
    for byte in "GET /b HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".bytes() {
        client.send(&[byte]);
    }
    let (_, length) = head(&client);
    assert_eq!(client.receive(length).len(), 10_000);
    client.expect_eof();
}

#[test]
fn what_is_no_file_beneath_the_root_is_refused() {
    let site = Site::new("beneath");
    site.write("file", b"inside");
    fs::write(site.folder.with_extension("outside"), b"outside").expect("a file outside");
    fs::create_dir(site.folder.join("folder")).expect("a folder");
    symlink("../beneath.outside", site.folder.join("link-out")).expect("a link");
    symlink("/etc/passwd", site.folder.join("link-to-root")).expect("a link");
    symlink("file", site.folder.join("link-in")).expect("a link");
    let made = Command::new("mkfifo")
        .arg(site.folder.join("fifo"))
        .status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo failed");
    let refused = [
        ("/missing", "404"),
        ("/folder", "404"),
        ("/", "404"),
        ("/fifo", "404"),
        ("/../beneath.outside", "404"),
        ("/%2e%2e/beneath.outside", "404"),
        ("/folder/../../beneath.outside", "404"),
        ("//etc/passwd", "404"),
        ("/link-out", "404"),
        ("/link-to-root", "404"),
        ("/file%00", "400"),
    ];
    for (path, expected) in refused {
        let (status, _) = get(&site.connect(), path);
        assert_eq!(status, expected, "{path}");
    }
    for path in ["/file", "/link-in", "/folder/../file", "/%66ile"] {
        let (status, body) = get(&site.connect(), path);
        assert_eq!((&*status, &*body), ("200", &b"inside"[..]), "{path}");
    }
}

#[test]
fn what_is_no_request_for_a_file_is_refused() {
    let site = Site::new("refused");
    site.write("file", b"inside");
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(9_000));
    let refused = [
        ("POST /file HTTP/1.1\r\nHost: h\r\n\r\n", "405"),
        ("GET /file HTTP/9.9\r\n\r\n", "505"),
        ("GET file HTTP/1.1\r\n\r\n", "400"),
        ("hello\r\n\r\n", "400"),
        (&long, "431"),
        (
            "GET /file HTTP/1.1\r\nContent-Length: 30\r\n\r\nGET /file HTTP/1.1\r\nHost: h\r\n\r\n",
            "400",
        ),
        (
            "GET /file HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400",
        ),
    ];
    for (request, expected) in refused {
        let client = site.connect();
        client.send(request.as_bytes());
        let (status, length) = head(&client);
        assert_eq!(status, expected, "{request}");
        client.receive(length);
        // No byte of a body is ever taken for a request.
        client.expect_eof();
    }
}

/// The lesson: the file's pages are mapped, and sent from there; nobody reads the file.
#[test]
fn files_are_mapped_and_not_read() {
    let site = Site::new("mapped");
    let tracer = site.server.trace();
    let (path, client) = site.stalled(64 << 20);
    let maps = site.server.process().maps();
    assert!(
        maps.contains(&*path.to_string_lossy()),
        "the file is not mapped:\n{maps}"
    );
    let body = client.receive(64 << 20);
    assert_eq!(body.len(), 64 << 20);
    let calls = tracer.finish();
    let copies = |name| matches!(name, "read" | "pread64" | "readv" | "sendfile" | "splice");
    assert!(calls.iter().all(|call| !copies(call.name())), "{calls:?}");
    // The head and the first of the body left together.
    let first = calls.iter().find(|call| call.name() == "writev");
    assert!(
        first.is_some_and(|call| call.args[2] == 2 && call.result > 65_536),
        "{first:?}"
    );
    client.half_close();
    client.expect_eof();
    eventually("the mapping is given back", || {
        !site.server.process().maps().contains("large")
    });
}

/// A file that is cut while it is sent ends its own connection, before the promised end, and nothing
/// else.
#[test]
fn a_cut_file_ends_its_own_connection_only() {
    let site = Site::new("cut");
    site.write("small", b"as ever");
    let (path, client) = site.stalled(64 << 20);
    let other = site.connect();
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the file again");
    file.set_len(4_096).expect("a cut");
    let (body, _) = client.receive_to_end();
    assert!(
        body.len() < 64 << 20,
        "{} bytes of a file that was cut",
        body.len()
    );
    assert_eq!(get(&other, "/small").1, b"as ever");
    site.server.connect().echo(b"so does the echo");
    assert!(site.server.is_alive());
}

/// A file that is removed, or replaced by another, is sent to its end as it was.
#[test]
fn a_replaced_file_is_sent_to_its_end() {
    let site = Site::new("replaced");
    let (path, client) = site.stalled(16 << 20);
    let new = site.write("new", b"another");
    fs::rename(new, path).expect("a rename");
    assert_eq!(client.receive(16 << 20).len(), 16 << 20);
    assert_eq!(get(&client, "/large").1, b"another");
}

/// On SIGTERM a transfer under way may finish; who only keeps a connection open is let go at once.
#[test]
fn sigterm_lets_a_transfer_finish() {
    let site = Site::new("sigterm");
    let idle = site.connect();
    site.write("small", b"here");
    get(&idle, "/small");
    let (_, client) = site.stalled(32 << 20);
    site.server.signal(Signal::SIGTERM);
    assert_eq!(idle.receive_to_end(), (Vec::new(), End::Eof));
    assert_eq!(client.receive(32 << 20).len(), 32 << 20);
    client.expect_eof();
    assert_eq!(site.server.wait().code(), Some(0));
}

/// Many idle clients and a stalled one are in nobody's way.
#[test]
fn others_are_served_beside_a_stalled_transfer() {
    let site = Site::new("beside");
    site.write("small", b"quick");
    let (_, _stalled) = site.stalled(5 << 30);
    let idle: Vec<Client> = (0..200).map(|_| site.connect()).collect();
    for client in &idle {
        assert_eq!(get(client, "/small").1, b"quick");
    }
    site.server.connect().echo(b"and the echo");
}

#[test]
fn a_root_that_is_none_is_one_line() {
    for (arguments, code, named) in [
        (
            vec!["--root", "/nonexistent"],
            1,
            "cannot serve /nonexistent",
        ),
        (
            vec!["--root", "/proc/self/exe"],
            1,
            "cannot serve /proc/self/exe",
        ),
        (vec!["--http", "127.0.0.1:0"], 2, "--root"),
        (vec!["--root", "/", "--http", "nonsense"], 2, "nonsense"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_stage-08"))
            .args(&arguments)
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(
            text.contains(named) && text.lines().count() == 1,
            "{arguments:?}: {text}"
        );
    }
}
