//! A shortcut: a read that leaves room in the buffer may prove that the socket is empty, and save the
//! call that would return would-block.

use nix::sys::epoll::EpollFlags;

/// Whether a short read proves that a socket is empty (epoll(7), "Do I need to continuously read").
///
/// A read of a stream goes on until the buffer is full, unless it comes to the end of what has arrived
/// (tcp_recvmsg_locked in net/ipv4/tcp.c, Linux 6.18). It also stops at the urgent mark, though there
/// are bytes behind it, and it returns the bytes before an EOF or an error, which only the next read
/// finds. Each of these causes an edge of its own. If that edge was reported before the read, a short
/// read proves nothing. If it comes later, the next wait reports it, as it reports bytes that come
/// later.
#[derive(Debug)]
pub struct ShortReads {
    may_hide_something: bool,
}

impl ShortReads {
    /// The edges to ask for: EOF and urgent data.
    pub const EDGES: EpollFlags = EpollFlags::EPOLLRDHUP.union(EpollFlags::EPOLLPRI);

    /// All edges of what a short read may hide. The kernel reports the last two unasked.
    const HIDDEN: EpollFlags = Self::EDGES
        .union(EpollFlags::EPOLLERR)
        .union(EpollFlags::EPOLLHUP);

    /// Creates the state of a connection about which nothing has been reported.
    pub const fn new() -> Self {
        Self {
            may_hide_something: false,
        }
    }

    /// Remembers edges.
    pub fn remember(&mut self, edges: EpollFlags) {
        self.may_hide_something |= edges.intersects(Self::HIDDEN);
    }

    /// Returns whether a read of `received` bytes into a buffer of `size` proves that nothing is left.
    pub const fn proves_empty(&self, received: usize, size: usize) -> bool {
        received < size && !self.may_hide_something
    }

    /// Notes that a read has returned would-block: it has come past everything that was hidden.
    pub fn on_would_block(&mut self) {
        self.may_hide_something = false;
    }
}

impl Default for ShortReads {
    fn default() -> Self {
        Self::new()
    }
}
