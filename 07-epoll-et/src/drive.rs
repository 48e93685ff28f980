//! Driving a connection for as long as it goes, and no longer than is fair.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::epoll::EpollFlags;
use stage_04::{Connection, Interest};

/// Steps that a connection may do in one turn: a read and the write of what it brought, or a write of
/// what is pending.
///
/// A client that sends as fast as it is read never comes to would-block: without a budget the loop
/// would serve it alone (epoll(7), "starvation"). 16 steps of 16 KiB are enough for the system calls
/// of a turn to outweigh the loop's own work.
const BUDGET: usize = 16;

/// The one registration of a connection's life: both directions, and edges only.
pub const EDGES: EpollFlags = EpollFlags::EPOLLIN
    .union(EpollFlags::EPOLLOUT)
    .union(EpollFlags::EPOLLRDHUP)
    .union(EpollFlags::EPOLLPRI)
    .union(EpollFlags::EPOLLET);

/// What a read stops at, or finds behind the bytes: EOF, urgent data, an error. (The last two flags are
/// reported without being asked for.)
const NOT_ONLY_BYTES: EpollFlags = EpollFlags::EPOLLRDHUP
    .union(EpollFlags::EPOLLPRI)
    .union(EpollFlags::EPOLLERR)
    .union(EpollFlags::EPOLLHUP);

/// A connection, and what is known of its readiness: an edge is told once, so it is remembered until
/// a call says would-block.
#[derive(Debug)]
pub struct Driven {
    connection: Connection,
    readable: bool,
    writable: bool,
    /// Whether a read may find, or be ended by, something else than bytes.
    not_only_bytes: bool,
    /// Whether it is in the loop's ready list.
    queued: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing to do until the next edge.
    Blocked,
    /// The budget cut it short. No edge will come for what is left: the loop has to remember it.
    Yielded,
    /// The connection is finished.
    Closed,
}

impl Driven {
    /// Nothing is known of it yet: registering a descriptor reports what it is ready for already.
    pub const fn new(connection: Connection) -> Self {
        Self {
            connection,
            readable: false,
            writable: false,
            not_only_bytes: false,
            queued: false,
        }
    }

    /// Remembers an edge. Gives whether the connection has to be put on the ready list: it may be on
    /// it already.
    pub fn remember(&mut self, edges: EpollFlags) -> bool {
        let broken = EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP;
        self.readable |= edges.intersects(EpollFlags::EPOLLIN | NOT_ONLY_BYTES);
        self.writable |= edges.intersects(EpollFlags::EPOLLOUT | broken);
        self.not_only_bytes |= edges.intersects(NOT_ONLY_BYTES);
        !std::mem::replace(&mut self.queued, true)
    }

    /// Reads and writes until there is nothing to read or no room to write, or the budget is spent.
    ///
    /// Stopping earlier, after one read say, would lose the client: the bytes that are left in the
    /// socket are no news, and so no edge (epoll(7), "Level-triggered and edge-triggered").
    pub fn drive(&mut self, scratch: &mut [u8]) -> Progress {
        self.queued = false;
        for _ in 0..BUDGET {
            let step = match self.connection.interest() {
                Interest::Read if self.readable => self.read(scratch),
                Interest::Write if self.writable => self.write(),
                Interest::None => return Progress::Closed,
                _ => return Progress::Blocked,
            };
            if step.is_err() {
                return Progress::Closed;
            }
        }
        self.queued = true;
        Progress::Yielded
    }

    /// Reads once, and notes whether the socket is empty. It is if the read says would-block, or if it
    /// left room in the buffer, which saves a call (epoll(7), "Do I need to continuously read"). But a
    /// read also stops at the urgent mark and before EOF: if there may be such a thing, only
    /// would-block is proof.
    fn read(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        match self.connection.on_readable(scratch) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                self.not_only_bytes = false;
            }
            received => self.readable = received? == scratch.len() || self.not_only_bytes,
        }
        Ok(())
    }

    /// Writes once, and notes whether there is no more room.
    fn write(&mut self) -> io::Result<()> {
        match self.connection.on_writable() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable = false,
            sent => sent?,
        }
        Ok(())
    }

    /// As [`Connection::is_quiet`].
    pub fn is_quiet(&self) -> bool {
        self.connection.is_quiet()
    }
}

impl AsFd for Driven {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }
}
