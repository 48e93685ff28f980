//! An answer on its way: a head from memory, a body from a mapping, in one system call.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;

use stage_01::retry;

use super::{MappedFile, Part};

/// Bytes of a body that one call may send, at most; a client that is sent so much has had its turn. To
/// one that reads as fast as the kernel copies, a single call would send many megabytes, and the others
/// would wait.
pub const TURN: usize = 1024 * 1024;

/// An answer, and how much of it the socket has taken.
#[derive(Debug)]
pub struct Transfer {
    head: Vec<u8>,
    body: Option<Body>,
    sent: usize,
}

/// A part of a file.
#[derive(Debug)]
struct Body {
    file: Rc<MappedFile>,
    part: Range<usize>,
}

impl Transfer {
    /// An answer from memory.
    pub const fn new(head: Vec<u8>) -> Self {
        Self {
            head,
            body: None,
            sent: 0,
        }
    }

    /// An answer of `head`, and then `part` of `file`, in bytes; the file is as it was mapped.
    pub const fn with_body(head: Vec<u8>, file: Rc<MappedFile>, part: Range<usize>) -> Self {
        Self {
            head,
            body: Some(Body { file, part }),
            sent: 0,
        }
    }

    /// Sends as much as the socket takes in one call, [`TURN`] at most, and gives how many bytes that was.
    ///
    /// The kernel copies the body from the page cache straight into the socket's buffers: one copy
    /// fewer than read and write make, and no buffer of the program's (tcp_sendmsg_locked in
    /// net/ipv4/tcp.c). Should the file have been cut below that, the copying meets a page that is no
    /// more: the call is short, and the next one fails with EFAULT.
    ///
    /// # Errors
    ///
    /// The connection's, would-block among them; [`MappedFile::broken`].
    pub fn send(&mut self, socket: impl AsFd) -> io::Result<usize> {
        let parts = self.rest();
        let sent = retry(|| writev(&socket, &parts)).map_err(|error| match &self.body {
            Some(body) if error.raw_os_error() == Some(libc::EFAULT) => body.file.broken(),
            _ => error,
        })?;
        self.sent += sent;
        Ok(sent)
    }

    /// Looks whether the file is as long as it was; to be done before a transfer is gone on with.
    ///
    /// [`send`](Self::send) cannot tell if it was cut within a page: what is gone reads as zeros. Between
    /// this look and the call it may still be cut, which no program can prevent. Who replaces a file
    /// should write a new one, and rename it over the old.
    ///
    /// # Errors
    ///
    /// [`MappedFile::broken`].
    pub fn check(&self) -> io::Result<()> {
        match &self.body {
            Some(body) if body.file.is_cut() => Err(body.file.broken()),
            _ => Ok(()),
        }
    }

    /// Whether the socket has taken all of it.
    pub fn is_over(&self) -> bool {
        let body = self.body.as_ref().map_or(0, |body| body.part.len());
        self.sent == self.head.len() + body
    }

    fn rest(&self) -> [Part<'_>; 2] {
        let head = &self.head[self.sent.min(self.head.len())..];
        let body = self.body.as_ref().map(|body| {
            let start = body.part.start + self.sent.saturating_sub(self.head.len());
            let end = body.part.end.min(start + TURN);
            body.file.mapping().part(start..end)
        });
        [head.into(), body.unwrap_or(Part::from(&[][..]))]
    }
}

/// writev(2), by address: std's takes slices, which a mapping must not become.
fn writev(socket: impl AsFd, parts: &[Part; 2]) -> io::Result<usize> {
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel reads from the addresses that it is given, and an address of memory that was
    // freed would send somebody else's bytes. A part's memory is borrowed for as long as the part lives,
    // and it is an iovec (repr(transparent)). Pages without a file behind them are EFAULT, not a fault.
    let sent = unsafe { libc::writev(fd, parts.as_ptr().cast(), 2) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
