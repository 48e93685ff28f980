//! A client: what it sends, and what it is owed.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, send, setsockopt, sockopt};

use crate::pattern::{difference, preview};
use crate::readiness::wait_ready;
use crate::words::number;
use crate::{assert_same, deadline, pattern};

/// How long a client watches for something that must not happen, in milliseconds. A server that is
/// right passes however short it is; a wrong one shows in it.
pub(crate) const WATCH: u16 = 200;

/// How many bytes a client takes before EOF at most, if it does not know how many there will be,
const MOST_TO_THE_END: usize = 8 << 20;
/// and if there should be none.
const MOST_BEFORE_EOF: usize = 64 << 10;

/// A connection to the server under test, whose calls have a deadline.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    /// Which end it is, where a case has several sorts: a message begins with it. Usually nothing.
    who: &'static str,
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
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, deadline());
        let stream = stream.unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
        Self::of(stream, "")
    }

    /// Takes a connection that is there; messages call it `who`: "the backend: ".
    #[track_caller]
    pub(crate) fn of(stream: TcpStream, who: &'static str) -> Self {
        let timeouts = stream
            .set_read_timeout(Some(deadline()))
            .and_then(|()| stream.set_write_timeout(Some(deadline())));
        timeouts.unwrap_or_else(|error| panic!("cannot set a deadline: {error}"));
        Self { stream, who }
    }

    /// Returns the same connection, whose messages begin with `who`.
    pub(crate) fn called(self, who: &'static str) -> Self {
        Self { who, ..self }
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
    #[track_caller]
    pub fn send(&self, bytes: &[u8]) {
        let (who, end) = (self.who, Instant::now() + deadline());
        let mut sent = 0;
        while sent < bytes.len() {
            match (&self.stream).write(&bytes[sent..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(length) if length > 0 && Instant::now() < end => sent += length,
                Ok(_) => panic!("{who}{}: {}", unsent(bytes, sent), too_slow("took")),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let seconds = deadline().as_secs();
                    panic!(
                        "{who}{}: the server took nothing for {seconds} s",
                        unsent(bytes, sent)
                    )
                }
                Err(error) => panic!("{who}{}: {error}", unsent(bytes, sent)),
            }
        }
    }

    /// Sends `byte` as urgent data.
    #[track_caller]
    pub fn send_urgent(&self, byte: u8) {
        let sent = send(self.stream.as_raw_fd(), &[byte], MsgFlags::MSG_OOB);
        assert_eq!(sent, Ok(1), "cannot send an urgent byte");
    }

    /// Receives `length` bytes; fewer if the connection ends before.
    #[track_caller]
    pub fn receive(&self, length: usize) -> Vec<u8> {
        let (bytes, outcome) = self.read_up_to(length);
        if let Err(why) = outcome {
            let got = preview(&bytes);
            panic!(
                "{}waited for {} bytes, got {got}, then: {why}",
                self.who,
                number(length)
            );
        }
        bytes
    }

    /// Reads until EOF or until there are `most` bytes, in one deadline: so neither a server that talks for ever, nor one
    /// that sends a byte now and then, can hold a client up. Returns what has come, and how it ended.
    fn read_up_to(&self, most: usize) -> (Vec<u8>, Result<(), String>) {
        let end = Instant::now() + deadline();
        let mut bytes = Vec::new();
        let mut buffer = vec![0; most.min(65_536)];
        while bytes.len() < most {
            let room = buffer.len().min(most - bytes.len());
            let read = (&self.stream).read(&mut buffer[..room]);
            let length = read.as_ref().map_or(0, |length| *length);
            bytes.extend_from_slice(&buffer[..length]);
            match read {
                Ok(0) => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return (bytes, Err(explain(&error)));
                }
                _ => {}
            }
            if Instant::now() >= end && bytes.len() < most {
                return (bytes, Err(too_slow("sent")));
            }
        }
        (bytes, Ok(()))
    }

    /// Receives as many bytes as there are in `bytes`, which they have to be.
    #[track_caller]
    pub fn expect(&self, bytes: &[u8]) {
        let back = self.receive(bytes.len());
        if self.who.is_empty() {
            return assert_same(bytes, &back);
        }
        assert!(
            bytes == back,
            "{}of {} bytes, {} came: {}",
            self.who,
            number(bytes.len()),
            number(back.len()),
            difference(bytes, &back, 0)
        );
    }

    /// Sends `bytes` and receives as many, both at the same time; they have to be the same.
    #[track_caller]
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
    #[track_caller]
    pub fn send_pattern(&self, offset: usize, length: usize) {
        let end = offset + length;
        for at in (offset..end).step_by(65_536) {
            self.send(pattern(at, 65_536.min(end - at)));
        }
    }

    /// Receives `length` bytes of [`pattern`], from `offset` on.
    #[track_caller]
    pub fn expect_pattern(&self, offset: usize, length: usize) {
        /// So many bytes have to come within one deadline.
        const CHUNK: usize = 65_536;
        for at in (offset..offset + length).step_by(CHUNK) {
            let wanted = CHUNK.min(offset + length - at);
            let (bytes, outcome) = self.read_up_to(wanted);
            if bytes[..] != pattern(at, wanted)[..bytes.len()] {
                // What is missing may be more than a chunk.
                let rest: Vec<u8> = (0..16)
                    .flat_map(|n| pattern(at + n * CHUNK, CHUNK))
                    .copied()
                    .collect();
                panic!("{}{}", self.who, difference(&rest, &bytes, at));
            }
            let came = number(at - offset + bytes.len());
            let (who, length) = (self.who, number(length));
            match outcome {
                Ok(()) if bytes.len() == wanted => {}
                Ok(()) => {
                    panic!("{who}waited for {length} bytes, and EOF came behind the first {came}")
                }
                Err(why) => {
                    panic!("{who}waited for {length} bytes, got the first {came}, then: {why}")
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
    #[track_caller]
    pub fn receive_to_end(&self) -> (Vec<u8>, End) {
        self.receive_at_most(MOST_TO_THE_END)
    }

    /// As [`receive_to_end`](Self::receive_to_end); `most` bytes or more are too much.
    #[track_caller]
    fn receive_at_most(&self, most: usize) -> (Vec<u8>, End) {
        let (bytes, outcome) = self.read_up_to(most);
        let (who, came) = (self.who, preview(&bytes));
        match outcome {
            Ok(()) if bytes.len() < most => (bytes, End::Eof),
            Ok(()) => {
                panic!(
                    "{who}waited for EOF, and the server is still talking: so far it has sent {came}"
                )
            }
            Err(why) if why == RESET => (bytes, End::Reset),
            Err(why) => panic!("{who}waited for EOF, got {came}, then: {why}"),
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
    #[track_caller]
    pub fn expect_eof(&self) {
        let (bytes, end) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "{}waited for EOF, and before it came {}",
            self.who,
            preview(&bytes)
        );
        assert!(
            end == End::Eof,
            "{}waited for EOF, and the connection was reset",
            self.who
        );
    }

    /// Receives whatever comes, which has to end by a reset.
    #[track_caller]
    pub fn expect_reset(&self) {
        let (bytes, end) = self.receive_to_end();
        assert!(
            end == End::Reset,
            "{}waited for a reset, and got {}, then EOF",
            self.who,
            preview(&bytes)
        );
    }

    /// The server must let the connection go, by EOF or by a reset, without sending anything.
    #[track_caller]
    pub fn expect_turned_away(&self) {
        let (bytes, _) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "a client that is to be turned away got {}",
            preview(&bytes)
        );
    }

    /// Nothing may come for now: neither bytes, nor EOF, nor a reset.
    #[track_caller]
    pub fn expect_silence(&self) {
        if self.poll(PollFlags::POLLIN, WATCH) {
            let mut bytes = [0; 64];
            let came = match self.peek(&mut bytes) {
                Ok(0) => "EOF".to_owned(),
                Ok(length) => preview(&bytes[..length]),
                Err(error) => explain(&error),
            };
            panic!(
                "{}a client that says nothing is to hear nothing, and it got {came}",
                self.who
            );
        }
    }

    /// Whether something (bytes, EOF, a reset) has come, or comes within `milliseconds`.
    pub fn is_readable(&self, milliseconds: u16) -> bool {
        self.poll(PollFlags::POLLIN, milliseconds)
    }

    /// Returns whether the connection was reset, even if EOF had come before, so that a read shows no difference. Waits
    /// for a while.
    pub fn is_dead(&self) -> bool {
        let mut fds = [PollFd::new(self.stream.as_fd(), PollFlags::empty())];
        wait_ready(&mut fds, WATCH)
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

/// What [`explain`] says of a reset.
const RESET: &str = "the connection was reset";

fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => format!("nothing for {} s", deadline().as_secs()),
        ErrorKind::ConnectionReset => RESET.to_owned(),
        _ => error.to_string(),
    }
}

fn unsent(bytes: &[u8], sent: usize) -> String {
    let all = preview(bytes);
    match sent {
        0 => format!("cannot send {all}"),
        _ => format!("cannot send {all}, only the first {}", number(sent as u64)),
    }
}

fn too_slow(what: &str) -> String {
    format!(
        "that is all that the server {what} in {} s",
        deadline().as_secs()
    )
}
