//! One client's connection, as a state machine that never blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use stage_01::retry;

/// What a loop waits for on a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes to read, or a client to accept.
    Read,
    /// Room for bytes to write.
    Write,
}

/// A client, and the bytes that it has not taken yet.
///
/// While there are such bytes, the server does not read from this client. So TCP's own window
/// eventually stops a client that does not read (*backpressure*), and it costs at most one buffer of
/// memory.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Allocates nothing while it is empty, which is nearly always.
    pending: Vec<u8>,
    eof: bool,
}

impl Connection {
    /// Makes `stream` non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the error of ioctl(2), FIONBIO.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            pending: Vec::new(),
            eof: false,
        })
    }

    /// Returns what to wait for, or `None` when the connection is finished: dropping it closes it. The
    /// answer follows from the state each time, and so cannot contradict it.
    pub fn interest(&self) -> Option<Interest> {
        if !self.pending.is_empty() {
            Some(Interest::Write)
        } else if !self.eof {
            Some(Interest::Read)
        } else {
            None
        }
    }

    /// Does one step of what the connection waits for, and returns its interest after that. An error
    /// finishes this connection, and no other.
    ///
    /// Readiness is a hint, and may be wrong by the time the loop acts on it (select(2), BUGS): finding
    /// nothing to do is not an error.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Option<Interest> {
        let step = match self.interest()? {
            Interest::Read => self.on_readable(scratch).map(drop),
            Interest::Write => self.on_writable(),
        };
        match step {
            Err(error) if error.kind() != ErrorKind::WouldBlock => None,
            _ => self.interest(),
        }
    }

    /// Reads once, and writes what came straight away: mostly the client takes it all. `scratch` is
    /// the loop's one buffer, shared by all connections. Only what the client did not take is kept.
    /// Returns how many bytes came, 0 at EOF.
    ///
    /// # Errors
    ///
    /// Returns the errors of read(2), including [`ErrorKind::WouldBlock`], and those of write(2), except
    /// would-block.
    pub fn on_readable(&mut self, scratch: &mut [u8]) -> io::Result<usize> {
        let received = retry(|| self.stream.read(scratch))?;
        self.eof = received == 0;
        if self.eof {
            return Ok(0);
        }
        let bytes = &scratch[..received];
        let sent = match retry(|| self.stream.write(bytes)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            result => result?,
        };
        self.pending.extend_from_slice(&bytes[sent..]);
        Ok(received)
    }

    /// Writes pending bytes once.
    ///
    /// # Errors
    ///
    /// Returns the errors of write(2), including [`ErrorKind::WouldBlock`].
    pub fn on_writable(&mut self) -> io::Result<()> {
        let sent = retry(|| self.stream.write(&self.pending))?;
        self.pending.drain(..sent);
        if self.pending.is_empty() {
            self.pending = Vec::new();
        }
        Ok(())
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
