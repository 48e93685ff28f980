//! What the kernel knows of TCP sockets: those of another process, through copies of its descriptors,
//! and those of nobody, in /proc/net/tcp (proc_pid_net(5)). What cannot be observed is never taken for nothing: each
//! function panics instead, and says what it could not read.

use std::ffi::c_int;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, getsockopt, recv, setsockopt, sockopt};

use crate::readiness::wait_ready;
use crate::{Client, Process, duplicate};

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
        let family = [vec![process], process.descendants()].concat();
        family.iter().find_map(|process| {
            let sockets = process.sockets().into_iter();
            let copies = sockets.filter_map(|number| copy(*process, number));
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
        self.count(libc::FIONREAD)
    }

    /// Bytes that were sent and are not acknowledged yet.
    pub fn unsent(&self) -> usize {
        self.count(libc::TIOCOUTQ)
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

    fn count(&self, request: libc::Ioctl) -> usize {
        count(&self.0, request)
    }
}

/// Returns how many bytes of a socket were sent and are not acknowledged yet.
pub(crate) fn unacknowledged(socket: &TcpStream) -> usize {
    count(socket, libc::TIOCOUTQ)
}

fn count(socket: &TcpStream, request: libc::Ioctl) -> usize {
    let mut count: c_int = 0;
    // SAFETY: the kernel writes through the pointer; both requests write an int, which is what it
    // points to (tcp(7)).
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
            "cannot observe descriptor {number} of process {}: {error}",
            process.pid()
        ),
    }
}

/// Returns whether `process`, or one that it has started, has a socket that listens on `port`; none if its descriptors
/// cannot be copied, so that nothing can be said.
pub(crate) fn listens_on(process: Process, port: u16) -> Option<bool> {
    let family = [vec![process], process.descendants()].concat();
    for process in family {
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

/// A row of the kernel's table of TCP sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The socket's own address, as it stands there: `0100007F:1B5E`.
    pub local: String,
    /// The other end's.
    pub remote: String,
    /// Its state: 1 for established, 10 for listening (include/net/tcp_states.h).
    pub state: u8,
    /// Bytes that have arrived and were not read; of a listener, connections that were not accepted.
    pub unread: u64,
}

/// All rows of IPv4.
pub fn table() -> Vec<Row> {
    let table = observed("/proc/net/tcp");
    let rows = table.lines().skip(1);
    rows.map(|line| {
        Row::parse(line).unwrap_or_else(|| panic!("cannot observe sockets: /proc/net/tcp: {line}"))
    })
    .collect()
}

/// The listening socket at `address`.
pub fn listener(address: SocketAddr) -> Option<Row> {
    const LISTEN: u8 = 10;
    let own = hex(address)?;
    let mut rows = table().into_iter();
    rows.find(|row| row.state == LISTEN && row.local == own)
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace().skip(1);
        let (local, remote) = (fields.next()?, fields.next()?);
        let state = u8::from_str_radix(fields.next()?, 16).ok()?;
        let (_sending, unread) = fields.next()?.split_once(':')?;
        Some(Self {
            local: local.to_owned(),
            remote: remote.to_owned(),
            state,
            unread: u64::from_str_radix(unread, 16).ok()?,
        })
    }
}

/// Whether a connection whose own address is `local` is in TIME_WAIT. (Where the kernel has little room
/// for others in that state, it may have ended it at once: then, too.)
pub fn is_in_time_wait(local: SocketAddr) -> bool {
    const TIME_WAIT: u8 = 6;
    let own = hex(local);
    let is_there = |row: &Row| row.state == TIME_WAIT && Some(&row.local) == own.as_ref();
    table().iter().any(is_there) || time_wait_is_full()
}

fn time_wait_is_full() -> bool {
    let table = observed("/proc/net/sockstat");
    let mut words = table.split_whitespace().skip_while(|word| *word != "tw");
    let used: Option<u64> = words.nth(1).and_then(|word| word.parse().ok());
    let limit = observed("/proc/sys/net/ipv4/tcp_max_tw_buckets");
    let limit: Option<u64> = limit.trim().parse().ok();
    let Some((used, limit)) = used.zip(limit) else {
        panic!("cannot observe connections in TIME_WAIT: {table}");
    };
    used >= limit / 10 * 9
}

/// Returns the text of a file of /proc that every machine has.
fn observed(file: &str) -> String {
    fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("cannot observe sockets: {file}: {error}"))
}

/// An address as it stands in the table, 127.0.0.1:7006 as `0100007F:1B5E`; on a little-endian machine the IP's bytes
/// are reversed.
pub fn hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}
