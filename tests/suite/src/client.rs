//! A client: what it sends, and what it is owed.

mod expectations;
mod talk;

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{setsockopt, sockopt};

use crate::deadline;
use crate::readiness::wait_ready;

/// How long a client watches for something that must not happen, in milliseconds. A server that is
/// right passes however short it is; a wrong one shows in it.
pub(crate) const WATCH: u16 = 200;

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
        let stream = stream.unwrap_or_else(|error| {
            let whose = match error.raw_os_error() {
                Some(libc::EMFILE) => {
                    ": this is the limit of the client's side (ulimit -Hn), not the server's"
                }
                _ => "",
            };
            panic!("cannot connect to {address}: {error}{whose}")
        });
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

    /// Ends the sending half.
    pub fn half_close(&self) {
        let closed = self.stream.shutdown(Shutdown::Write);
        closed.unwrap_or_else(|error| panic!("cannot half-close: {error}"));
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
