//! The meaning of readiness: not data in one's hand, and nobody's work but the program's.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::sys::socket::{MsgFlags, recv};
use suite::{Call, Client, Server, eventually, net, seen};

use super::watcher::Watcher;
use crate::{Evidence, Lab};

/// After a wait the data is where it was; a call for each message fetches it (C17).
pub(super) fn a_read_a_message(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const MESSAGES: usize = 10;
    let (mut near, far) = UnixStream::pair()?;
    let watcher = Watcher::new()?;
    watcher.watch_input(&far, 0)?;
    near.write_all(b"hello")?;
    let events = watcher.ready(1)?.len();
    evidence.count("5 bytes have come, and a wait gives events", events, 1);
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    let unread = recv(far.as_raw_fd(), &mut [0; 8], flags)?;
    evidence.count("bytes that are still to be read then", unread, 5);

    let server = lab.start(6)?;
    let client = server.connect();
    client.echo(b"here");
    let tracer = lab.watch(&server)?;
    (0..MESSAGES).for_each(|_| client.echo(b"hello"));
    // Calls of a kind that gave something.
    let count = |calls: &[Call], is_wanted: fn(&Call) -> bool| {
        let given = calls.iter().filter(|call| call.result > 0);
        given.filter(|call| is_wanted(call)).count()
    };
    tracer.wait_until(|calls| count(calls, Call::is_write) >= MESSAGES)?;
    let calls = tracer.finish();
    let waits = count(&calls, Call::is_wait);
    evidence.count("stage 6, 10 messages: waits", waits, MESSAGES);
    let reads = count(&calls, Call::is_read);
    evidence.count("calls that read", reads, MESSAGES);
    let writes = count(&calls, Call::is_write);
    evidence.count("calls that write", writes, MESSAGES);
    Ok(())
}

/// The kernel keeps what comes for a server that is stopped, and cannot make it read: the program has to
/// run, and to ask (C20).
pub(super) fn a_stopped_server(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(6)?;
    let client = server.connect();
    client.echo(b"here");
    server.stop();
    for (expected, what) in [
        (5, "the server is stopped; sent 5 bytes: rx_queue"),
        (10, "the server is stopped; 5 more: rx_queue"),
    ] {
        client.send(b"hello");
        let unread = || unread(&server, &client);
        eventually("the bytes to arrive", || unread() == Some(expected));
        evidence.count(what, seen(unread()), expected);
    }
    let replies = u64::from(client.is_readable(0));
    evidence.count("replies while it is stopped", replies, 0);
    let tracer = lab.watch(&server)?;
    server.go_on();
    let back = client.receive(10).len();
    let first = first_kinds(&tracer.finish());
    evidence.outcome("its first calls when it goes on", first, "wait, read");
    evidence.count("bytes back then", back, 10);
    Ok(())
}

/// Returns the bytes that wait at the server's end of a connection; none if the kernel shows no such connection.
fn unread(server: &Server, client: &Client) -> Option<u64> {
    let ends = (server.address(), client.address());
    let mut rows = net::table().into_iter();
    let row = rows.find(|row| (row.local, row.remote) == ends);
    row.map(|row| row.unread)
}

/// Returns the first two calls that gave something, by kind.
fn first_kinds(calls: &[Call]) -> String {
    let given = calls.iter().filter(|call| call.result > 0);
    let kinds = given.map(|call| match call {
        call if call.is_wait() => "wait",
        call if call.is_read() => "read",
        call => call.name(),
    });
    kinds.take(2).collect::<Vec<_>>().join(", ")
}
