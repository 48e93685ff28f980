//! Driving a connection for as long as it goes, and no longer than is fair.

use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::epoll::EpollFlags;
use stage_04::{Connection, Interest};

/// Steps (a read or a write each) that a connection may do in one turn.
///
/// A client that sends as fast as it is read never comes to would-block: without a budget the loop
/// would serve it alone (epoll(7), "starvation"). 16 steps of 16 KiB are enough for the system calls
/// of a turn to outweigh the loop's own work.
const BUDGET: usize = 16;

/// The one registration of a connection's life: both directions, and edges only.
pub const EDGES: EpollFlags = EpollFlags::EPOLLIN
    .union(EpollFlags::EPOLLOUT)
    .union(EpollFlags::EPOLLRDHUP)
    .union(EpollFlags::EPOLLET);

/// A connection, and what is known of its readiness: an edge is told once, so it is remembered until
/// a call says would-block.
#[derive(Debug)]
pub struct Driven {
    connection: Connection,
    readable: bool,
    writable: bool,
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
            queued: false,
        }
    }

    /// Remembers an edge. Gives whether the connection has to be put on the ready list: it may be on
    /// it already.
    pub fn remember(&mut self, edges: EpollFlags) -> bool {
        // An error or a hang-up shows in both directions: the next call, whichever it is, meets it.
        let (out, broken) = (
            EpollFlags::EPOLLOUT,
            EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP,
        );
        self.readable |= edges.intersects(!out);
        self.writable |= edges.intersects(out | broken);
        !std::mem::replace(&mut self.queued, true)
    }

    /// Reads and writes until the kernel says would-block, or the budget is spent.
    ///
    /// Stopping earlier, after one read say, would lose the client: the bytes that are left in the
    /// socket are no news, and so no edge (epoll(7), "Level-triggered and edge-triggered").
    pub fn drive(&mut self, scratch: &mut [u8]) -> Progress {
        self.queued = false;
        for _ in 0..BUDGET {
            let (step, ready) = match self.connection.interest() {
                Interest::Read if self.readable => {
                    (self.connection.on_readable(scratch), &mut self.readable)
                }
                Interest::Write if self.writable => {
                    (self.connection.on_writable(), &mut self.writable)
                }
                Interest::None => return Progress::Closed,
                _ => return Progress::Blocked,
            };
            match step {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => *ready = false,
                Err(_) => return Progress::Closed,
            }
        }
        self.queued = true;
        Progress::Yielded
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
