//! An answer on its way: a head from memory, a body from a mapping, in one system call.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd};

use stage_01::retry;

use crate::Mapping;

/// An answer, and how much of it the socket has taken.
#[derive(Debug)]
pub struct Transfer {
    head: Vec<u8>,
    body: Option<Mapping>,
    sent: usize,
}

impl Transfer {
    /// An answer of `head`, and then `body`.
    pub const fn new(head: Vec<u8>, body: Option<Mapping>) -> Self {
        let sent = 0;
        Self { head, body, sent }
    }

    /// Sends as much as the socket takes in one call, and gives whether that was the rest.
    ///
    /// The kernel copies the body from the page cache straight into the socket's buffers: one copy
    /// fewer than read and write make, and no buffer of the program's (tcp_sendmsg_locked in
    /// net/ipv4/tcp.c). Should the file have been cut, the copying meets a page that is no more: the
    /// call is short, and the next one fails with EFAULT. The length was promised to the client by
    /// then, so that its connection cannot go on.
    ///
    /// # Errors
    ///
    /// The connection's, EFAULT among them; no room ([`ErrorKind::WouldBlock`]) is none.
    pub fn send(&mut self, socket: impl AsFd) -> io::Result<bool> {
        let parts = self.rest();
        match retry(|| writev(&socket, &parts)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            sent => self.sent += sent?,
        }
        let body = self.body.as_ref().map_or(0, Mapping::len);
        Ok(self.sent == self.head.len() + body)
    }

    fn rest(&self) -> [libc::iovec; 2] {
        let head = &self.head[self.sent.min(self.head.len())..];
        let head = libc::iovec {
            iov_base: head.as_ptr().cast_mut().cast(),
            iov_len: head.len(),
        };
        let body = self.sent.saturating_sub(self.head.len());
        match &self.body {
            Some(mapping) => [head, mapping.from(body)],
            None => [head, libc::iovec { iov_len: 0, ..head }],
        }
    }
}

/// writev(2), by address: std's takes slices, which a mapping must not become.
fn writev(socket: impl AsFd, parts: &[libc::iovec; 2]) -> io::Result<usize> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel reads from the addresses that it is given, and an address of memory that
    // was freed would send somebody else's bytes. Both belong to the transfer that made them, whose
    // borrow lasts until the call is over. Pages without a file behind them are EFAULT, not a fault.
    let sent = unsafe { libc::writev(fd, parts.as_ptr(), 2) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
