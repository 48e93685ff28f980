//! An answer on its way: a head from memory, a body from a mapping, in one system call.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;

use stage_01::retry;

use super::{Cache, MappedFile, Part, Source};

/// How many bytes of a body one call may send; a client that is sent so much has had its turn. To a
/// client that reads as fast as the kernel copies, a single call would send many megabytes, and the others
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
    file: Source,
    part: Range<usize>,
}

impl Transfer {
    /// Creates the transfer of `head`, and then of a part of a file, if there is one. The file is sent as it
    /// was mapped.
    pub fn new(head: Vec<u8>, body: Option<(Source, Range<usize>)>) -> Self {
        Self {
            head,
            body: body.map(|(file, part)| Body { file, part }),
            sent: 0,
        }
    }

    /// Sends as much as the socket takes in one call, [`TURN`] at most, and returns how many bytes that was.
    ///
    /// The kernel copies the body from the page cache straight into the socket's buffers: one copy
    /// fewer than read and write make, and no buffer of the program's (tcp_sendmsg_locked in
    /// net/ipv4/tcp.c). If the file was cut below that, the kernel hits a page that is gone: the call is
    /// short, and the next one fails with EFAULT.
    ///
    /// # Errors
    ///
    /// Returns the errors of writev(2), would-block among them, that of [`Cache::break_off`] for EFAULT, and that
    /// of [`CopiedFile::part`](super::CopiedFile::part).
    pub fn send(&mut self, socket: impl AsFd, cache: &mut Cache) -> io::Result<usize> {
        let parts = self.rest()?;
        let sent = retry(|| writev(&socket, &parts)).map_err(|error| match self.mapped_file() {
            Some(file) if error.raw_os_error() == Some(libc::EFAULT) => cache.break_off(file),
            _ => error,
        })?;
        self.sent += sent;
        Ok(sent)
    }

    /// Checks that the file is as long as it was, which has to be done before a transfer goes on.
    ///
    /// [`send`](Self::send) cannot tell that the file was cut within a page: what is gone reads as zeros.
    /// Between this look and the call somebody may still cut it, which no program can prevent. To replace
    /// a file, write a new one, and rename it over the old. (A file that is read tells by itself.)
    ///
    /// # Errors
    ///
    /// Returns the error of [`Cache::break_off`].
    pub fn check(&self, cache: &mut Cache) -> io::Result<()> {
        match self.mapped_file() {
            Some(file) if cache.is_cut(file) => Err(cache.break_off(file)),
            _ => Ok(()),
        }
    }

    fn mapped_file(&self) -> Option<&Rc<MappedFile>> {
        match &self.body.as_ref()?.file {
            Source::Mapped(file) => Some(file),
            Source::Copied(_) => None,
        }
    }

    /// Returns whether the socket has taken nothing of it: then nothing was promised to the client yet.
    pub const fn is_unsent(&self) -> bool {
        self.sent == 0
    }

    /// Returns whether the socket has taken all of it.
    pub fn is_over(&self) -> bool {
        let body = self.body.as_ref().map_or(0, |body| body.part.len());
        self.sent == self.head.len() + body
    }

    /// Returns what the socket has not taken yet, as far as one call may send it.
    fn rest(&mut self) -> io::Result<[Part<'_>; 2]> {
        let head = &self.head[self.sent.min(self.head.len())..];
        let Some(Body { file, part }) = &mut self.body else {
            return Ok([head.into(), Part::from(&[][..])]);
        };
        let start = part.start + self.sent.saturating_sub(self.head.len());
        let end = part.end.min(start + TURN);
        let body = match file {
            Source::Mapped(file) => file.mapping().part(start..end),
            Source::Copied(file) => file.part(start..end)?,
        };
        Ok([head.into(), body])
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
