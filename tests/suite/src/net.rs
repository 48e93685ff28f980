//! What the kernel knows of TCP sockets: those of another process, through copies of its descriptors,
//! and those of nobody, in /proc/net/tcp (proc_pid_net(5)).

use std::ffi::c_int;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{setsockopt, sockopt};

use crate::readiness::wait_ready;
use crate::{Process, duplicate};

/// A server's end of a connection.
#[derive(Debug)]
pub struct Socket(TcpStream);

impl Socket {
    /// The one that connects `process`, or one that it has started, to `client`.
    pub fn of(process: Process, client: SocketAddr) -> Option<Self> {
        let family = [vec![process], process.descendants()].concat();
        family.iter().find_map(|process| {
            let sockets = process.sockets().into_iter();
            let copies = sockets.filter_map(|number| duplicate(*process, number).ok());
            let mut connections = copies.map(TcpStream::from);
            let connects = |copy: &TcpStream| copy.peer_addr().is_ok_and(|peer| peer == client);
            connections.find(connects).map(Self)
        })
    }

    /// Waits until there is something to read (bytes, or the end), for `milliseconds` at most.
    pub fn wait_readable(&self, milliseconds: u16) {
        let mut fds = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        wait_ready(&mut fds, milliseconds);
    }

    /// Bytes that have arrived and were not read yet.
    pub fn unread(&self) -> usize {
        self.count(libc::FIONREAD)
    }

    /// Bytes that were sent and are not acknowledged yet.
    pub fn unsent(&self) -> usize {
        self.count(libc::TIOCOUTQ)
    }

    /// Whether its server is held back by its client: it has bytes that it cannot send, and leaves
    /// others unread.
    pub fn is_held_back(&self) -> bool {
        self.unsent() > 0 && self.unread() > 0
    }

    fn count(&self, request: libc::Ioctl) -> usize {
        let mut count: c_int = 0;
        // SAFETY: the kernel writes through the pointer; both requests write an int, which is what it
        // points to (tcp(7)).
        let done = unsafe { libc::ioctl(self.0.as_raw_fd(), request, &raw mut count) };
        if done == -1 { 0 } else { count as usize }
    }
}

/// Gives the connections of `process` that are to come large receive buffers, by way of its listener. How soon the
/// kernel enlarges a buffer by itself is its own affair (tcp(7), tcp_rmem).
///
/// # Errors
///
/// Those of pidfd_getfd(2) and setsockopt(2).
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

/// Whether a connection whose own address is `local` is in TIME_WAIT. (Where the kernel has little room
/// for others in that state, it may have ended it at once: then, too.)
pub fn is_in_time_wait(local: SocketAddr) -> bool {
    const TIME_WAIT: &str = "06"; // include/net/tcp_states.h
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let mut rows = table.lines().map(|line| line.split_whitespace().skip(1));
    let own = hex(local);
    let found = rows.any(|mut row| row.next() == own.as_deref() && row.nth(1) == Some(TIME_WAIT));
    found || time_wait_is_full()
}

fn time_wait_is_full() -> bool {
    let table = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let limit = fs::read_to_string("/proc/sys/net/ipv4/tcp_max_tw_buckets").unwrap_or_default();
    let mut words = table.split_whitespace().skip_while(|word| *word != "tw");
    let used: Option<u64> = words.nth(1).and_then(|word| word.parse().ok());
    let limit: Option<u64> = limit.trim().parse().ok();
    used.zip(limit)
        .is_some_and(|(used, limit)| used >= limit / 10 * 9)
}

/// An address as it stands in the table: 127.0.0.1:7006 is `0100007F:1B5E` on a little-endian machine.
fn hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}
