//! Bytes that arrive once, and are read in small pieces.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::epoll::{EpollFlags, EpollTimeout};
use nix::sys::socket::{MsgFlags, recv};

use crate::chapters::ch06_epoll_lt::watcher::Watcher;
use crate::{Evidence, Lab};

/// The bytes that arrive.
const BYTES: usize = 1_000;
/// The bytes that are read at a time.
const PIECE: usize = 100;

/// Level-triggered, the bytes that are left are told again; edge-triggered, only their arrival was.
pub(super) fn one_arrival(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (level, edge) = (EpollFlags::empty(), EpollFlags::EPOLLET);
    for (name, trigger, drains, wakeups, left) in [
        ("level, one read", level, false, 10, 0),
        ("level, read till empty", level, true, 1, 0),
        ("edge, read till empty", edge, true, 1, 0),
        ("edge, one read", edge, false, 1, 900),
    ] {
        let mut watched = Watched::new(trigger, drains)?;
        watched.send(BYTES)?;
        let woken = watched.wake_ups()?;
        evidence.count(format!("{name}: wake-ups"), woken, wakeups);
        evidence.count(format!("{name}: bytes left"), watched.left()?, left);
        if left > 0 {
            watched.send(1)?;
            let more = watched.wake_ups()?;
            evidence.count("when one byte more arrives: wake-ups", more, 1);
            evidence.count("bytes left then", watched.left()?, left + 1 - PIECE);
        }
    }
    Ok(())
}

/// A socket on an epoll list.
struct Watched {
    watcher: Watcher,
    socket: UnixStream,
    peer: UnixStream,
    /// Whether it is read until a read would block, or once.
    drains: bool,
}

impl Watched {
    fn new(trigger: EpollFlags, drains: bool) -> anyhow::Result<Self> {
        let (socket, peer) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let watcher = Watcher::new()?;
        watcher.watch(&socket, EpollFlags::EPOLLIN | trigger, 0)?;
        Ok(Self {
            watcher,
            socket,
            peer,
            drains,
        })
    }

    /// Within one machine, what is sent has arrived when this returns.
    fn send(&mut self, length: usize) -> io::Result<()> {
        self.peer.write_all(&vec![b'x'; length])
    }

    /// Returns how often it is told, until it is told nothing, that there is something to read.
    fn wake_ups(&mut self) -> anyhow::Result<u64> {
        let mut wake_ups = 0;
        while !self.watcher.wait(1, EpollTimeout::ZERO)?.is_empty() {
            wake_ups += 1;
            while self.read()? > 0 && self.drains {}
        }
        Ok(wake_ups)
    }

    /// Reads a piece; 0 bytes if it would block.
    fn read(&mut self) -> io::Result<usize> {
        match self.socket.read(&mut [0; PIECE]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }

    /// Returns the bytes that have arrived and were not read; they stay.
    fn left(&self) -> nix::Result<usize> {
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        match recv(self.socket.as_raw_fd(), &mut [0; 2 * BYTES], flags) {
            Err(Errno::EWOULDBLOCK) => Ok(0),
            length => length,
        }
    }
}
