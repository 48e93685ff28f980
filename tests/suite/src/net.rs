//! What the kernel knows of TCP sockets: those of another process, through copies of its descriptors,
//! and those of nobody, in /proc/net/tcp (proc_pid_net(5)). What cannot be observed is never taken for nothing: each
//! function panics instead, and says what it could not read.

use std::ffi::c_int;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, getsockopt, recv, setsockopt, sockopt};

use crate::process::from_hex;
use crate::readiness::wait_ready;
use crate::{Client, Process, duplicate, system};

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
    /// The socket's own address.
    pub local: SocketAddr,
    /// The same as it stands there: `0100007F:1B5E`.
    pub local_text: String,
    /// The other end's address.
    pub remote: SocketAddr,
    /// Its state.
    pub state: State,
    /// Bytes that have arrived and were not read; of a listener, connections that were not accepted.
    pub unread: u64,
    /// Its inode, by which descriptors name it; 0 if it belongs to no process any more.
    pub inode: u64,
}

/// The states of a socket that matter here (include/net/tcp_states.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is connected.
    Established,
    /// It is remembered after its end.
    TimeWait,
    /// It listens.
    Listen,
    /// It is in another state.
    Other(u8),
}

/// Returns all rows, those of IPv4 first.
///
/// # Panics
///
/// If the table cannot be read. (That of IPv6 is missing where there is no IPv6.)
pub fn table() -> Vec<Row> {
    let mut text = observed("/proc/net/tcp");
    text += &fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    let is_head = |line: &&str| line.trim_start().starts_with("sl");
    let rows = text.lines().filter(|line| !is_head(line));
    rows.map(|line| {
        Row::parse(line).unwrap_or_else(|| panic!("cannot observe sockets: /proc/net/tcp: {line}"))
    })
    .collect()
}

/// Returns the listening socket at `address`.
pub fn listener(address: SocketAddr) -> Option<Row> {
    let mut rows = table().into_iter();
    rows.find(|row| row.state == State::Listen && row.local == address)
}

/// Returns how many connections of the server at `address` hold bytes that it has not read.
pub fn unread_connections(address: SocketAddr) -> usize {
    let is_unread =
        |row: &&Row| row.state == State::Established && row.local == address && row.unread > 0;
    table().iter().filter(is_unread).count()
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, queues, _, _, _, _, inode, ..] = *fields else {
            return None;
        };
        let (_sending, unread) = queues.split_once(':')?;
        Some(Self {
            local: parse_address(local)?,
            local_text: local.to_owned(),
            remote: parse_address(remote)?,
            state: match from_hex(state)? {
                1 => State::Established,
                6 => State::TimeWait,
                10 => State::Listen,
                other => State::Other(other.try_into().ok()?),
            },
            unread: from_hex(unread)?,
            inode: inode.parse().ok()?,
        })
    }
}

/// Reads an address as it stands in the table: words in the machine's own byte order, and the port.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok();
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?.to_ne_bytes()).into(),
        _ => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?].map(u32::to_ne_bytes);
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Ipv6Addr::from(bytes).into()
        }
    };
    Some((ip, u16::try_from(from_hex(port)?).ok()?).into())
}

/// Whether a connection whose own address is `local` is in TIME_WAIT. (Where the kernel has little room
/// for others in that state, it may have ended it at once: then, too.)
pub fn is_in_time_wait(local: SocketAddr) -> bool {
    let is_there = |row: &Row| row.state == State::TimeWait && row.local == local;
    table().iter().any(is_there) || time_wait_is_full()
}

fn time_wait_is_full() -> bool {
    let table = observed("/proc/net/sockstat");
    let mut words = table.split_whitespace().skip_while(|word| *word != "tw");
    let used: Option<u64> = words.nth(1).and_then(|word| word.parse().ok());
    let limit = system::number("net/ipv4/tcp_max_tw_buckets");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_stands_in_the_table() {
        let line = "   0: 0100007F:1B5E 0200007F:9C40 01 00000000:0000000A 00:00000000 00000000  1000        0 4711 1 x";
        let row = Row::parse(line).unwrap_or_else(|| panic!("{line}"));
        #[cfg(target_endian = "little")]
        assert_eq!(row.local, SocketAddr::from(([127, 0, 0, 1], 7006)));
        assert_eq!((row.remote.port(), row.state), (40_000, State::Established));
        assert_eq!((row.unread, row.inode), (10, 4711));
    }

    #[test]
    fn a_listener_of_ipv6_is_found_where_there_is_ipv6() {
        let Ok(listener) = TcpListener::bind("[::1]:0") else {
            return; // without IPv6 there is nothing to be found
        };
        let address = listener
            .local_addr()
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(
            super::listener(address).is_some(),
            "{address} is not in the table"
        );
    }
}
