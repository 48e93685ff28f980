//! The events of a list, level-triggered and edge-triggered.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::sys::epoll::{EpollEvent, EpollFlags, EpollTimeout};
use nix::unistd::pipe;
use suite::net::unread;

use crate::world::{Watcher, in_a_row};
use crate::{Evidence, Lab};

/// The bytes that arrive.
const BYTES: usize = 1_000;
/// The bytes that are read at a time.
const PIECE: usize = 100;

/// Level-triggered epoll reports leftover bytes again; edge-triggered epoll reported only their arrival.
pub(super) fn one_arrival(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (level, edge) = (EpollFlags::empty(), EpollFlags::EPOLLET);
    for (name, trigger, drains, wakeups, left) in [
        ("level, one read", level, false, 10, 0),
        ("level, read until empty", level, true, 1, 0),
        ("edge, read until empty", edge, true, 1, 0),
        ("edge, one read", edge, false, 1, 900),
    ] {
        let (socket, mut peer) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let watcher = Watcher::new()?;
        watcher.watch(&socket, EpollFlags::EPOLLIN | trigger, 0)?;
        // Within one machine, what is sent has arrived when this returns.
        peer.write_all(&[b'x'; BYTES])?;
        let woken = wake_ups(&watcher, &socket, drains)?;
        evidence.count(format!("{name}: wake-ups"), woken, wakeups);
        evidence.count(format!("{name}: bytes left"), unread(&socket), left);
        if left > 0 {
            peer.write_all(b"x")?;
            let more = wake_ups(&watcher, &socket, drains)?;
            evidence.count("when one byte more arrives: wake-ups", more, 1);
            evidence.count("bytes left then", unread(&socket), left + 1 - PIECE);
        }
    }
    Ok(())
}

/// Returns how often epoll reports input until it reports nothing more. Each time this reads a piece, or all there is.
fn wake_ups(watcher: &Watcher, mut socket: &UnixStream, drains: bool) -> nix::Result<u64> {
    let mut wake_ups = 0;
    while !watcher.ready(1)?.is_empty() {
        wake_ups += 1;
        // A read fails once it would block.
        while socket.read(&mut [0; PIECE]).is_ok() && drains {}
    }
    Ok(wake_ups)
}

/// Nothing is sent in any of these, except one byte that nobody reads; and still there are events.
pub(super) fn without_data(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (idle, _peer) = UnixStream::pair()?;
    let (room, bytes) = (EpollFlags::EPOLLOUT, EpollFlags::EPOLLIN);
    let level = events(&idle, room)?.len();
    evidence.count("idle, room to write: level, of 5 waits", level, 5);
    let edge = events(&idle, room | EpollFlags::EPOLLET)?.len();
    evidence.count("idle, room to write: edge, of 5 waits", edge, 1);

    let (full, mut peer) = UnixStream::pair()?;
    peer.write_all(b"x")?;
    let unread = events(&full, bytes)?.len();
    evidence.count("a byte that nobody reads: level, of 5", unread, 5);

    let (left, peer) = UnixStream::pair()?;
    drop(peer);
    let event = first(&left, bytes)?;
    evidence.outcome("the peer has left: event", event, "EPOLLIN EPOLLHUP");
    let (reader, writer) = pipe()?;
    drop(reader);
    let event = first(&writer, EpollFlags::empty())?;
    evidence.outcome("nobody will read, none asked for", event, "EPOLLERR");
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let _client = TcpStream::connect(listener.local_addr()?)?;
    let event = first(&listener, bytes)?;
    evidence.outcome("a client to be accepted", event, "EPOLLIN");
    Ok(())
}

/// Returns the events that five waits in a row report of a descriptor on a list of its own.
fn events(fd: impl AsFd, flags: EpollFlags) -> nix::Result<Vec<EpollEvent>> {
    let watcher = Watcher::new()?;
    watcher.watch(fd, flags, 0)?;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.extend(watcher.wait(1, EpollTimeout::ZERO)?);
    }
    Ok(events)
}

/// Returns the flags of the first of these events.
fn first(fd: impl AsFd, flags: EpollFlags) -> nix::Result<String> {
    let events = events(fd, flags)?;
    let first = events.iter().take(1).map(EpollEvent::events);
    let names = first.flat_map(|flags| flags.iter_names());
    Ok(in_a_row(names.map(|(name, _)| name)))
}
