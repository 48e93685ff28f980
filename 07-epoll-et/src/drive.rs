//! Driving a connection until it would block, and no longer than is fair.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::epoll::EpollFlags;
use stage_04::{Connection, Interest};

use crate::ShortReads;

/// How many steps a connection may do in one turn: a read and the write of what it brought, or a write
/// of what is pending.
///
/// A client that sends as fast as it is read never makes a call return would-block. Without a budget
/// the loop would serve it alone (epoll(7), "starvation"). 16 steps of 16 KiB are enough for the system
/// calls of a turn to outweigh the loop's own work.
const BUDGET: usize = 16;

/// The one registration of a connection's life: both directions, as edges only.
pub const EDGES: EpollFlags = EpollFlags::EPOLLIN
    .union(EpollFlags::EPOLLOUT)
    .union(EpollFlags::EPOLLET)
    .union(ShortReads::EDGES);

/// The edges of a connection that is broken. They are reported without being asked for, and make every
/// call return at once.
const BROKEN: EpollFlags = EpollFlags::EPOLLERR.union(EpollFlags::EPOLLHUP);

/// A connection, and what is known of its readiness. An edge is reported once, so it is remembered until
/// a call returns would-block.
#[derive(Debug)]
pub struct Driven {
    connection: Connection,
    readable: bool,
    writable: bool,
    short_reads: ShortReads,
    /// Whether it is on the loop's ready list.
    queued: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing to do until the next edge.
    Blocked,
    /// The budget cut the turn short. No edge will come for what is left: the loop has to remember it.
    Yielded,
    /// The connection is finished.
    Closed,
}

impl Driven {
    /// Creates a connection of which nothing is known yet: registering a descriptor reports what it is
    /// ready for already.
    pub const fn new(connection: Connection) -> Self {
        Self {
            connection,
            readable: false,
            writable: false,
            short_reads: ShortReads::new(),
            queued: false,
        }
    }

    /// Remembers edges. Returns whether the connection is new to the ready list.
    pub fn remember(&mut self, edges: EpollFlags) -> bool {
        self.readable |= edges.intersects(EpollFlags::EPOLLIN | BROKEN | ShortReads::EDGES);
        self.writable |= edges.intersects(EpollFlags::EPOLLOUT | BROKEN);
        self.short_reads.remember(edges);
        !std::mem::replace(&mut self.queued, true)
    }

    /// Reads and writes until there is nothing to read or no room to write, or the budget is spent.
    ///
    /// Stopping earlier, for example after one read, would lose the client. Bytes that are left in the
    /// socket are no news, and cause no edge (epoll(7), "Level-triggered and edge-triggered").
    pub fn drive(&mut self, scratch: &mut [u8]) -> Progress {
        self.queued = false;
        for _ in 0..BUDGET {
            let step = match self.connection.interest() {
                None => return Progress::Closed,
                Some(Interest::Read) if self.readable => self.read(scratch),
                Some(Interest::Write) if self.writable => self.write(),
                Some(_) => return Progress::Blocked,
            };
            if step.is_err() {
                return Progress::Closed;
            }
        }
        self.queued = true;
        Progress::Yielded
    }

    /// Reads once, and notes when the socket is empty: would-block is the proof. A short read may prove
    /// it too, and saves that call.
    fn read(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        match self.connection.on_readable(scratch) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                self.short_reads.on_would_block();
            }
            received => self.readable = !self.short_reads.proves_empty(received?, scratch.len()),
        }
        Ok(())
    }

    /// Writes once, and notes when there is no more room.
    fn write(&mut self) -> io::Result<()> {
        match self.connection.on_writable() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable = false,
            sent => sent?,
        }
        Ok(())
    }

    /// Returns what [`stage_05::is_quiet`] returns for its connection.
    pub fn is_quiet(&self) -> bool {
        stage_05::is_quiet(&self.connection)
    }
}

impl AsFd for Driven {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }
}
