//! The meaning of active to epoll: more than that data is moving.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::sys::epoll::{EpollEvent, EpollFlags, EpollTimeout};
use nix::unistd::pipe;

use crate::chapters::ch06_epoll_lt::watcher::Watcher;
use crate::world::in_a_row;
use crate::{Evidence, Lab};

/// Nothing is sent in any of these, save one byte that nobody reads; and there are events.
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

/// Returns the events that five waits report of a descriptor on a list of its own, each made as soon as the one before has
/// returned.
fn events(fd: impl AsFd, flags: EpollFlags) -> nix::Result<Vec<EpollEvent>> {
    let watcher = Watcher::new()?;
    watcher.watch(fd, flags, 0)?;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.extend(watcher.wait(1, EpollTimeout::ZERO)?);
    }
    Ok(events)
}

/// Returns the first of these events, by the names of its flags.
fn first(fd: impl AsFd, flags: EpollFlags) -> nix::Result<String> {
    let events = events(fd, flags)?;
    let flags = events
        .first()
        .map_or(EpollFlags::empty(), EpollEvent::events);
    Ok(in_a_row(flags.iter_names().map(|(name, _)| name)))
}
