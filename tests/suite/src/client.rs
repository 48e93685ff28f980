//! A client: what it sends, and what it is owed.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, send, setsockopt, sockopt};

use crate::pattern::preview;
use crate::readiness::wait_ready;
use crate::{assert_same, deadline, pattern};

/// How long a client watches for something that must not happen, in milliseconds. A server that is
/// right passes however short it is; a wrong one shows in it.
pub(crate) const WATCH: u16 = 200;

/// A connection to the server under test, whose calls have a deadline.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
}

/// Has many clients leave at once, by resets: their ends in TIME_WAIT would soon fill the kernel's
/// table of these.
pub fn leave(clients: Vec<Client>) {
    clients.into_iter().for_each(Client::reset);
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By EOF: the server closed it.
    Eof,
    /// By a reset.
    Reset,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, deadline());
        let stream = stream.unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
        let timeouts = stream
            .set_read_timeout(Some(deadline()))
            .and_then(|()| stream.set_write_timeout(Some(deadline())));
        timeouts.unwrap_or_else(|error| panic!("cannot set a deadline: {error}"));
        Self { stream }
    }

    /// The client's own address, as a server's log has it.
    pub fn address(&self) -> SocketAddr {
        let address = self.stream.local_addr();
        address.unwrap_or_else(|error| panic!("a client without an address: {error}"))
    }

    /// The socket, for what is not here.
    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends `bytes`, all of them.
    pub fn send(&self, bytes: &[u8]) {
        let sent = (&self.stream).write_all(bytes);
        sent.unwrap_or_else(|error| panic!("cannot send {}: {error}", preview(bytes)));
    }

    /// Sends `byte` as urgent data.
    pub fn send_urgent(&self, byte: u8) {
        let sent = send(self.stream.as_raw_fd(), &[byte], MsgFlags::MSG_OOB);
        assert_eq!(sent, Ok(1), "cannot send an urgent byte");
    }

    /// Receives `length` bytes; fewer if the connection ends before.
    pub fn receive(&self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = (&self.stream).take(length as u64).read_to_end(&mut bytes);
        if let Err(error) = read {
            let got = preview(&bytes);
            panic!(
                "waited for {length} bytes, got {got}, then: {}",
                explain(&error)
            );
        }
        bytes
    }

    /// Sends `bytes` and receives as many, both at the same time; they have to be the same.
    pub fn echo(&self, bytes: &[u8]) {
        let back = thread::scope(|scope| {
            // What a socket buffer takes at once needs no second thread.
            let writer = match bytes.len() {
                ..4096 => {
                    self.send(bytes);
                    None
                }
                _ => Some(scope.spawn(|| self.send(bytes))),
            };
            let back = self.receive(bytes.len());
            if let Some(Err(panic)) = writer.map(|writer| writer.join()) {
                std::panic::resume_unwind(panic);
            }
            back
        });
        assert_same(bytes, &back);
    }

    /// Sends `length` bytes of [`pattern`], from `offset` on.
    pub fn send_pattern(&self, offset: usize, length: usize) {
        let end = offset + length;
        for at in (offset..end).step_by(65_536) {
            self.send(pattern(at, 65_536.min(end - at)));
        }
    }

    /// Receives `length` bytes of [`pattern`], from `offset` on.
    pub fn expect_pattern(&self, offset: usize, length: usize) {
        let mut buffer = vec![0; 65_536];
        let mut at = offset;
        while at < offset + length {
            let size = buffer.len().min(offset + length - at);
            match (&self.stream).read(&mut buffer[..size]) {
                Ok(0) => panic!("EOF after {} of {length} bytes", at - offset),
                Ok(received) => {
                    assert_same(pattern(at, received), &buffer[..received]);
                    at += received;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    panic!(
                        "after {} of {length} bytes: {}",
                        at - offset,
                        explain(&error)
                    )
                }
            }
        }
    }

    /// Ends the sending half.
    pub fn half_close(&self) {
        let closed = self.stream.shutdown(Shutdown::Write);
        closed.unwrap_or_else(|error| panic!("cannot half-close: {error}"));
    }

    /// Receives all that still comes, and how the connection ended.
    pub fn receive_to_end(&self) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        match (&self.stream).read_to_end(&mut bytes) {
            Ok(_) => (bytes, End::Eof),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => (bytes, End::Reset),
            Err(error) => {
                panic!(
                    "waited for EOF, got {}, then: {}",
                    preview(&bytes),
                    explain(&error)
                )
            }
        }
    }

    /// Whether the next thing to come is EOF; waits for it to come.
    pub fn at_eof(&self) -> bool {
        self.peek(&mut [0]).is_ok_and(|length| length == 0)
    }

    /// Whether the next thing to come is a byte, and not the connection's end; waits for it to come.
    pub fn has_bytes(&self) -> bool {
        self.peek(&mut [0]).is_ok_and(|length| length > 0)
    }

    /// What has come next, as far as `buffer` has room for it, without taking it: gives how many bytes
    /// that is, 0 at EOF. Waits for it to come.
    ///
    /// # Errors
    ///
    /// The connection's; that nothing came before the deadline.
    pub fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.peek(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                peeked => return peeked,
            }
        }
    }

    /// Nothing more may come but EOF.
    pub fn expect_eof(&self) {
        let (bytes, end) = self.receive_to_end();
        assert!(bytes.is_empty(), "came before EOF: {}", preview(&bytes));
        assert_eq!(end, End::Eof);
    }

    /// The server must let the connection go, by EOF or by a reset, without sending anything.
    pub fn expect_turned_away(&self) {
        let (bytes, _) = self.receive_to_end();
        assert!(
            bytes.is_empty(),
            "came to a client that was turned away: {}",
            preview(&bytes)
        );
    }

    /// Nothing may come for now: neither bytes, nor EOF, nor a reset.
    pub fn expect_silence(&self) {
        let found = self.poll(PollFlags::POLLIN, WATCH);
        assert!(!found, "nothing may come, and something did: {:?}", {
            let mut byte = [0];
            self.stream
                .peek(&mut byte)
                .map(|length| byte[..length].to_vec())
        });
    }

    /// Whether something (bytes, EOF, a reset) has come, or comes within `milliseconds`.
    pub fn is_readable(&self, milliseconds: u16) -> bool {
        self.poll(PollFlags::POLLIN, milliseconds)
    }

    /// Ends the connection by a reset, whatever is under way on it.
    pub fn reset(self) {
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        let set = setsockopt(&self.stream, sockopt::Linger, &linger);
        assert_eq!(set, Ok(()), "cannot set SO_LINGER");
    }

    /// Makes the client's own buffers small, so that it is soon full.
    pub fn with_small_buffers(self) -> Self {
        let set = setsockopt(&self.stream, sockopt::RcvBuf, &65_536)
            .and_then(|()| setsockopt(&self.stream, sockopt::SndBuf, &65_536));
        assert_eq!(set, Ok(()), "cannot set the buffers");
        self
    }

    fn poll(&self, flags: PollFlags, milliseconds: u16) -> bool {
        wait_ready(&mut [PollFd::new(self.stream.as_fd(), flags)], milliseconds)
    }
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => format!("nothing for {} s", deadline().as_secs()),
        _ => error.to_string(),
    }
}
