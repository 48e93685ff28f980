//! One client's connection, as a state machine that never blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use stage_01::retry;

use crate::is_quiet;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes from the client.
    Read,
    /// Room for bytes to the client.
    Write,
    /// Nothing: the connection is finished, and is to be dropped, which closes it.
    None,
}

/// A client, and the bytes that it was sent but has not taken yet.
///
/// While there are such bytes, the connection is not read. So a client that does not read is, in
/// the end, held back by TCP's own window (*backpressure*), and costs at most one buffer of memory.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Has no memory while it is empty, which is nearly always.
    pending: Vec<u8>,
    eof: bool,
}

impl Connection {
    /// Makes `stream` non-blocking.
    ///
    /// # Errors
    ///
    /// That of ioctl(2), FIONBIO.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            pending: Vec::new(),
            eof: false,
        })
    }

    /// What to wait for. It follows from the state each time, and so cannot contradict it.
    pub fn interest(&self) -> Interest {
        match (self.pending.is_empty(), self.eof) {
            (false, _) => Interest::Write,
            (true, false) => Interest::Read,
            (true, true) => Interest::None,
        }
    }

    /// Does one step of what the connection waits for, and gives what it waits for then.
    ///
    /// Readiness is a hint, and may be wrong by the time it is acted on (select(2), BUGS): to find
    /// nothing to do is no error. Every real error ends this connection, and no other.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Interest {
        let step = match self.interest() {
            Interest::Read => self.on_readable(scratch).map(drop),
            Interest::Write => self.on_writable(),
            Interest::None => Ok(()),
        };
        match step {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Interest::None,
            _ => self.interest(),
        }
    }

    /// Reads once, and writes what came straight away: mostly the client takes it all. `scratch` is
    /// the loop's one buffer, shared by all connections; only what the client did not take is kept.
    /// Gives how many bytes came, 0 at EOF.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WouldBlock`] if there was nothing to read; the connection's errors.
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
    /// [`ErrorKind::WouldBlock`] if there was no room; the connection's errors.
    pub fn on_writable(&mut self) -> io::Result<()> {
        let sent = retry(|| self.stream.write(&self.pending))?;
        self.pending.drain(..sent);
        if self.pending.is_empty() {
            self.pending = Vec::new();
        }
        Ok(())
    }

    /// Whether nothing is under way on it, in either direction: then it can be closed, and nothing is
    /// lost.
    pub fn is_quiet(&self) -> bool {
        self.pending.is_empty() && is_quiet(&self.stream)
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
