//! The meaning of active to epoll: more than that data is moving.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::unistd::pipe;

use crate::{Evidence, Lab};

/// Waits that are made, each as soon as the one before has returned.
const WAITS: usize = 5;

const LEVEL: EpollFlags = EpollFlags::empty();
const EDGE: EpollFlags = EpollFlags::EPOLLET;

/// Nothing is sent in any of these, save one byte that nobody reads; and there are events.
pub(super) fn without_data(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (idle, _peer) = UnixStream::pair()?;
    let room = EpollFlags::EPOLLOUT;
    let level = events(&idle, room | LEVEL)?.len() as u64;
    evidence.count(
        "idle, room to write: level, of 5 waits",
        level,
        WAITS as u64,
    );
    let edge = events(&idle, room | EDGE)?.len() as u64;
    evidence.count("idle, room to write: edge, of 5 waits", edge, 1);

    let (full, mut peer) = UnixStream::pair()?;
    peer.write_all(b"x")?;
    let bytes = EpollFlags::EPOLLIN;
    let unread = events(&full, bytes | LEVEL)?.len() as u64;
    evidence.count(
        "a byte that nobody reads: level, of 5",
        unread,
        WAITS as u64,
    );

    let (left, peer) = UnixStream::pair()?;
    drop(peer);
    evidence.outcome(
        "the peer has left: event",
        first(&left, bytes)?,
        "EPOLLIN EPOLLHUP",
    );
    let (reader, writer) = pipe()?;
    drop(reader);
    evidence.outcome(
        "nobody will read, none asked for",
        first(&writer, LEVEL)?,
        "EPOLLERR",
    );
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let _client = TcpStream::connect(listener.local_addr()?)?;
    evidence.outcome(
        "a client to be accepted",
        first(&listener, bytes)?,
        "EPOLLIN",
    );
    Ok(())
}

/// The events that so many waits report of a descriptor, on a list of its own.
fn events(fd: impl AsFd, flags: EpollFlags) -> nix::Result<Vec<EpollFlags>> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(fd, EpollEvent::new(flags, 0))?;
    let mut events = Vec::new();
    for _ in 0..WAITS {
        let mut event = [EpollEvent::empty()];
        if epoll.wait(&mut event, EpollTimeout::ZERO)? == 1 {
            events.push(event[0].events());
        }
    }
    Ok(events)
}

/// The first of these events, by the names of its flags.
fn first(fd: impl AsFd, flags: EpollFlags) -> nix::Result<String> {
    let events = events(fd, flags)?;
    let first = events.first().copied().unwrap_or(EpollFlags::empty());
    let names: Vec<_> = first.iter_names().map(|(name, _)| name).collect();
    Ok(names.join(" "))
}
