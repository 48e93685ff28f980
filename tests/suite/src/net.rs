//! The kernel's view of TCP sockets: those of another process, through copies of its descriptors,
//! and those of nobody, in its [table](table()). What cannot be observed is never taken for nothing: each
//! function panics instead, and says what it could not read.

mod table;

use std::ffi::c_int;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, getsockopt, recv, setsockopt, sockopt};

use crate::readiness::wait_ready;
use crate::{Client, Process, duplicate};

pub use table::{
    Row, State, connections, is_in_time_wait, listener, listener_for, listeners, table,
    unread_connections,
};

/// A server's end of a connection.
#[derive(Debug)]
pub struct Socket(TcpStream);

impl Socket {
    /// The one that connects `process`, or one that it has started, to `client`.
    pub fn of(process: Process, client: SocketAddr) -> Option<Self> {
        Self::find(process, |copy| {
            copy.peer_addr().is_ok_and(|peer| peer == client)
        })
    }

    /// Returns the other end of `client`, if `process` or one that it has started holds it.
    pub(crate) fn facing(process: Process, client: &Client) -> Option<Self> {
        let ends = |stream: &TcpStream| stream.local_addr().ok().zip(stream.peer_addr().ok());
        let (own, peer) = ends(client.stream())?;
        Self::find(process, |copy| ends(copy) == Some((peer, own)))
    }

    fn find(process: Process, is_it: impl Fn(&TcpStream) -> bool) -> Option<Self> {
        process.family().into_iter().find_map(|process| {
            let sockets = process.sockets().into_iter();
            let copies = sockets.filter_map(|number| copy(process, number));
            copies.map(TcpStream::from).find(&is_it).map(Self)
        })
    }

    /// Waits until there is something to read (bytes, or the end), for `milliseconds` at most.
    pub fn wait_readable(&self, milliseconds: u16) {
        let mut fds = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        wait_ready(&mut fds, milliseconds);
    }

    /// Returns whether it has ended both ways, or was reset: what poll reports unasked.
    pub(crate) fn has_hung_up(&self) -> bool {
        let mut fds = [PollFd::new(self.0.as_fd(), PollFlags::empty())];
        wait_ready(&mut fds, 0)
    }

    /// Bytes that have arrived and were not read yet.
    pub fn unread(&self) -> usize {
        unread(&self.0)
    }

    /// Bytes that were sent and are not acknowledged yet.
    pub fn unsent(&self) -> usize {
        unacknowledged(&self.0)
    }

    /// Takes what has arrived, up to 64 bytes, out of the socket. Returns how many bytes that was.
    pub(crate) fn take(&self) -> usize {
        let taken = recv(self.0.as_raw_fd(), &mut [0; 64], MsgFlags::MSG_DONTWAIT);
        taken.unwrap_or(0)
    }

    /// Returns whether small writes leave at once (TCP_NODELAY).
    pub fn sends_at_once(&self) -> bool {
        self.0.nodelay().unwrap_or(false)
    }

    /// Whether its server is held back by its client: it has bytes that it cannot send, and leaves
    /// others unread.
    pub fn is_held_back(&self) -> bool {
        self.unsent() > 0 && self.unread() > 0
    }
}

/// Returns how many bytes of a socket were sent and are not acknowledged yet.
pub(crate) fn unacknowledged(socket: &TcpStream) -> usize {
    count(socket, libc::TIOCOUTQ)
}

/// Returns how many bytes have arrived at a socket, of whatever family, and were not read yet.
pub fn unread(socket: &impl AsRawFd) -> usize {
    count(socket, libc::FIONREAD)
}

fn count(socket: &impl AsRawFd, request: libc::Ioctl) -> usize {
    let mut count: c_int = 0;
    // SAFETY: the kernel writes through the pointer; both requests write an int, which is what it
    // points to (tcp(7), unix(7)).
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), request, &raw mut count) };
    let error = io::Error::last_os_error();
    assert!(done != -1, "cannot observe a socket: {error}");
    count as usize
}

/// Returns a copy of a descriptor; none if it was closed meanwhile, or the process has ended.
fn copy(process: Process, number: i32) -> Option<OwnedFd> {
    match duplicate(process, number) {
        Ok(copy) => Some(copy),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EBADF | libc::ESRCH)) => None,
        Err(error) => panic!(
            "cannot observe descriptor {number} of process {}: {}",
            process.pid(),
            crate::words::with_remedy(&error)
        ),
    }
}

/// Returns whether `process`, or one that it has started, has a socket that listens on `port`; none if its descriptors
/// cannot be copied, so that nothing can be said.
pub(crate) fn listens_on(process: Process, port: u16) -> Option<bool> {
    for process in process.family() {
        for number in process.sockets() {
            let listener = match duplicate(process, number) {
                Ok(copy) => TcpListener::from(copy),
                Err(error) if matches!(error.raw_os_error(), Some(libc::EBADF | libc::ESRCH)) => {
                    continue;
                }
                Err(_) => return None,
            };
            let listens = getsockopt(&listener, sockopt::AcceptConn) == Ok(true);
            if listens
                && listener
                    .local_addr()
                    .is_ok_and(|address| address.port() == port)
            {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// Gives the connections of `process` that are to come large receive buffers, by way of its listener. How soon the
/// kernel enlarges a buffer by itself is its own affair (tcp(7), tcp_rmem).
///
/// # Errors
///
/// Returns the errors of pidfd_getfd(2) and setsockopt(2).
pub fn enlarge_buffers(process: Process) -> io::Result<()> {
    const SIZE: usize = 4 << 20;
    for number in process.sockets() {
        let listener = duplicate(process, number)?;
        if setsockopt(&listener, sockopt::RcvBufForce, &SIZE).is_err() {
            // Without privilege there is a limit, rmem_max, which this keeps to.
            setsockopt(&listener, sockopt::RcvBuf, &SIZE)?;
        }
    }
    Ok(())
}
