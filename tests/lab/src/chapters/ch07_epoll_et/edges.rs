//! Bytes that arrive once, and are read in small pieces.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{MsgFlags, recv};

use crate::{Evidence, Lab};

/// The bytes that arrive.
const BYTES: usize = 1_000;
/// The bytes that are read at a time.
const PIECE: usize = 100;

/// Level-triggered, the bytes that are left are told again; edge-triggered, only their arrival was.
pub(super) fn one_arrival(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (level, edge) = (EpollFlags::empty(), EpollFlags::EPOLLET);
    for (name, trigger, reading, wakeups, left) in [
        ("level, one read", level, Reading::Once, 10, 0),
        ("level, read till empty", level, Reading::Drain, 1, 0),
        ("edge, read till empty", edge, Reading::Drain, 1, 0),
        ("edge, one read", edge, Reading::Once, 1, 900),
    ] {
        let mut watched = Watched::new(trigger)?;
        watched.send(BYTES)?;
        evidence.count(
            format!("{name}: wake-ups"),
            watched.wake_ups(reading)?,
            wakeups,
        );
        evidence.count(format!("{name}: bytes left"), watched.left()?, left);
        if left > 0 {
            watched.send(1)?;
            let more = watched.wake_ups(reading)?;
            evidence.count("when one byte more arrives: wake-ups", more, 1);
            evidence.count("bytes left then", watched.left()?, left + 1 - PIECE as u64);
        }
    }
    Ok(())
}

/// The reading at a wake-up.
#[derive(Clone, Copy)]
enum Reading {
    /// A single read.
    Once,
    /// Reads, until one would block.
    Drain,
}

/// A socket on an epoll list.
struct Watched {
    epoll: Epoll,
    socket: UnixStream,
    peer: UnixStream,
}

impl Watched {
    fn new(trigger: EpollFlags) -> anyhow::Result<Self> {
        let (socket, peer) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN | trigger, 0))?;
        Ok(Self {
            epoll,
            socket,
            peer,
        })
    }

    /// Within one machine, what is sent has arrived when this returns.
    fn send(&mut self, length: usize) -> io::Result<()> {
        self.peer.write_all(&vec![b'x'; length])
    }

    /// How often it is told, until it is told nothing, that there is something to read.
    fn wake_ups(&mut self, reading: Reading) -> anyhow::Result<u64> {
        let mut wake_ups = 0;
        while self
            .epoll
            .wait(&mut [EpollEvent::empty()], EpollTimeout::ZERO)?
            == 1
        {
            wake_ups += 1;
            match reading {
                Reading::Once => drop(self.read()?),
                Reading::Drain => while self.read()? > 0 {},
            }
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

    /// Bytes that have arrived and were not read; they stay.
    fn left(&self) -> nix::Result<u64> {
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        match recv(self.socket.as_raw_fd(), &mut [0; 2 * BYTES], flags) {
            Err(Errno::EWOULDBLOCK) => Ok(0),
            length => length.map(|length| length as u64),
        }
    }
}
