//! The ready list: how it fills, what it holds, and that a wait looks at nothing else. Ready does not mean read.

use std::io::Write;
use std::os::unix::net::{UnixDatagram, UnixStream};

use nix::sys::epoll::EpollFlags;
use nix::sys::eventfd::{EfdFlags, EventFd};
use suite::{Call, Client, Server, eventually, net, seen};

use crate::world::{Watcher, in_a_row, polled};
use crate::{Evidence, Lab};

/// Silent descriptors, next to those that an experiment is about.
const IDLE: u64 = 200;
/// Room for every possible event.
const PLENTY: usize = 512;

/// Returns a watcher of [`IDLE`] silent descriptors, whose tokens are their places from 0 on.
fn silent() -> anyhow::Result<(Watcher, Vec<EventFd>)> {
    let watcher = Watcher::new()?;
    let watched = (0..IDLE).map(|token| {
        let fd = non_blocking()?;
        watcher.watch_input(&fd, token)?;
        Ok(fd)
    });
    let silent = watched.collect::<nix::Result<_>>()?;
    Ok((watcher, silent))
}

/// Returns an eventfd whose read fails rather than sleep when it is empty.
fn non_blocking() -> nix::Result<EventFd> {
    EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)
}

/// Many are on the interest list, and a wait returns the one that something came for (C16).
pub(super) fn one_of_many(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (watcher, fds) = silent()?;
    evidence.count("descriptors on the interest list", watcher.entries(), IDLE);
    let ready = watcher.ready(PLENTY)?.len();
    evidence.count("events while all of them are idle", ready, 0);
    fds[37].write(1)?;
    let ready = watcher.ready(PLENTY)?;
    evidence.count("events after one was written to", ready.len(), 1);
    evidence.outcome("the token that the event bears", in_a_row(ready), "37");
    Ok(())
}

/// The list fills while nobody waits. A wait asks each entry on it again, and drops what was read meanwhile (C38).
pub(super) fn filled_while_nobody_waits(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let watcher = Watcher::new()?;
    let fd = non_blocking()?;
    watcher.watch_input(&fd, 0)?;
    let events = || watcher.ready(PLENTY).map(|ready| ready.len());
    evidence.count("events before anything has come", events()?, 0);
    fd.write(1)?;
    let filled = polled(&watcher.0.0)?;
    evidence.count("poll finds the epoll itself readable", filled, 1);
    evidence.count("events then, without any sleep", events()?, 1);
    fd.read()?;
    evidence.count("events after the data was read", events()?, 0);
    fd.write(1)?;
    fd.read()?;
    let what = "written and read before the wait: events";
    evidence.count(what, events()?, 0);
    Ok(())
}

/// However often something comes for a descriptor, it is on the list once, or not at all if it is not watched for what
/// comes (C40).
///
/// The second socket has room for output all the time. If the callback had put it on the list for its input, the wait
/// would find that room and report it again. Nothing is reported, so nothing was listed.
pub(super) fn listed_once(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const DATAGRAMS: usize = 100;
    let watcher = Watcher::new()?;
    // Between local sockets, sending is arriving: no datagram can be late.
    let (sender, receiver) = UnixDatagram::pair()?;
    let (other_sender, for_room) = UnixDatagram::pair()?;
    for socket in [&sender, &receiver, &other_sender, &for_room] {
        socket.set_nonblocking(true)?;
    }
    watcher.watch_input(&receiver, 0)?;
    watcher.watch(&for_room, EpollFlags::EPOLLOUT | EpollFlags::EPOLLET, 1)?;
    let at_first = watcher.ready(PLENTY)?.len();
    let what = "one is watched for room, edge-triggered: events";
    evidence.count(what, at_first, 1);
    for _ in 0..DATAGRAMS {
        sender.send(b"here")?;
        other_sender.send(b"here")?;
    }
    let ready = watcher.ready(PLENTY)?;
    let of = |token| ready.iter().filter(|ready| **ready == token).count();
    evidence.count("100 datagrams come for it: events", of(1), 0);
    evidence.count("100 for one that is watched for input: events", of(0), 1);
    for (what, receiver) in [
        ("datagrams that the first then reads", &for_room),
        ("datagrams that the second then reads", &receiver),
    ] {
        let read = std::iter::from_fn(|| receiver.recv(&mut [0; 8]).ok()).count();
        evidence.count(what, read, DATAGRAMS);
    }
    Ok(())
}

/// With room for one event per wait, two that stay ready take turns: each is queued again, behind the other (C6).
pub(super) fn by_turns(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (watcher, fds) = silent()?;
    for ready in [5, 9] {
        fds[ready].write(1)?;
    }
    evidence.count("descriptors on the interest list", watcher.entries(), IDLE);
    let all = in_a_row(watcher.ready(PLENTY)?);
    evidence.outcome("written to, and not read", all, "5 9");
    let mut one_by_one = Vec::new();
    for _ in 0..6 {
        one_by_one.extend(watcher.ready(1)?);
    }
    let turns = in_a_row(one_by_one);
    evidence.outcome("6 waits with room for one event", turns, "5 9 5 9 5 9");
    fds[5].read()?;
    let rest = in_a_row(watcher.ready(PLENTY)?);
    evidence.outcome("once 5 has been read", rest, "9");
    Ok(())
}

/// After a wait the data is still where it was; each message takes a call to fetch it (C17).
pub(super) fn a_read_a_message(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const MESSAGES: usize = 10;
    let (mut near, far) = UnixStream::pair()?;
    let watcher = Watcher::new()?;
    watcher.watch_input(&far, 0)?;
    near.write_all(b"hello")?;
    let events = watcher.ready(1)?.len();
    evidence.count("5 bytes have come: a wait returns events", events, 1);
    let unread = net::unread(&far);
    evidence.count("bytes that are still to be read then", unread, 5);

    let server = lab.start(6)?;
    let client = server.connect();
    client.echo(b"here");
    let tracer = server.trace();
    (0..MESSAGES).for_each(|_| client.echo(b"hello"));
    // Calls of a kind that returned something.
    let count = |calls: &[Call], is_wanted: fn(&Call) -> bool| {
        let given = calls.iter().filter(|call| call.result > 0);
        given.filter(|call| is_wanted(call)).count()
    };
    tracer.wait_until(|calls| count(calls, Call::is_write) >= MESSAGES)?;
    let calls = tracer.finish();
    let waits = count(&calls, Call::is_wait);
    evidence.count("stage 6, 10 messages: waits", waits, MESSAGES);
    evidence.count("calls that read", count(&calls, Call::is_read), MESSAGES);
    evidence.count("calls that write", count(&calls, Call::is_write), MESSAGES);
    Ok(())
}

/// The kernel keeps what comes for a stopped server, but cannot make it read: the program has to run, and to ask (C20).
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
    let tracer = server.trace();
    server.go_on();
    let back = client.receive(10).len();
    let first = first_kinds(&tracer.finish());
    evidence.outcome("its first calls when it goes on", first, "wait, read");
    evidence.count("bytes back then", back, 10);
    Ok(())
}

/// Returns the bytes waiting at the server's end of a connection, or `None` if the kernel shows no such connection.
fn unread(server: &Server, client: &Client) -> Option<u64> {
    let mut rows = net::connections(server.address());
    let row = rows.find(|row| row.remote == client.address());
    row.map(|row| row.unread)
}

/// Returns the first two calls that returned something, by kind.
fn first_kinds(calls: &[Call]) -> String {
    let given = calls.iter().filter(|call| call.result > 0);
    let kinds = given.map(|call| match call {
        call if call.is_wait() => "wait",
        call if call.is_read() => "read",
        call => call.name(),
    });
    kinds.take(2).collect::<Vec<_>>().join(", ")
}
