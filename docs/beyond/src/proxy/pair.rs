//! A client and its backend, as a state machine that never blocks.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::epoll::EpollFlags;
use nix::sys::socket::{SockaddrStorage, connect, setsockopt, sockopt};
use stage_01::{RateLimited, retry};
use stage_04::Arrival;

static TURNED_AWAY: RateLimited = RateLimited::new();

/// One of the two sockets of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Backend,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Client, Self::Backend];

    const fn other(self) -> Self {
        match self {
            Self::Client => Self::Backend,
            Self::Backend => Self::Client,
        }
    }
}

/// What epoll watches the client's socket for, and the backend's.
pub(super) type Watched = [EpollFlags; 2];

/// Two sockets, and what is on its way between them.
///
/// A side is read only while the other one has taken everything that came before. So a side that does
/// not read stops the one that sends, and costs at most one buffer.
#[derive(Debug)]
pub(super) struct Pair {
    sockets: [TcpStream; 2],
    /// What has come from each side.
    flows: [Flow; 2],
    is_connected: bool,
    pub(super) client: SocketAddr,
}

/// What has come from one side.
#[derive(Debug, Default)]
struct Flow {
    /// What the other side has not taken yet. Allocates nothing while it is empty.
    pending: Vec<u8>,
    /// The end has come, and was passed on.
    eof: bool,
}

impl Pair {
    /// Begins to connect `socket` to `backend`, on behalf of `client`. Does not wait: the socket will be
    /// ready for writing when there is an answer (connect(2), EINPROGRESS).
    ///
    /// # Errors
    ///
    /// Returns the errors of ioctl(2) and connect(2), except `EINPROGRESS`.
    pub(super) fn connect(
        (client, address): Arrival,
        socket: OwnedFd,
        backend: SocketAddr,
    ) -> io::Result<Self> {
        client.set_nonblocking(true)?;
        match connect(socket.as_raw_fd(), &SockaddrStorage::from(backend)) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(errno) => {
                reset_on_close(&client);
                return Err(errno.into());
            }
        }
        let socket = TcpStream::from(socket);
        // As on the client's side: a small write leaves at once.
        let _ = socket.set_nodelay(true);
        Ok(Self {
            sockets: [client, socket],
            flows: Default::default(),
            is_connected: false,
            client: address,
        })
    }

    pub(super) const fn socket(&self, side: Side) -> &TcpStream {
        &self.sockets[side as usize]
    }

    /// Returns what to watch each side for. The answer follows from the state each time.
    pub(super) fn watched(&self) -> Watched {
        Side::BOTH.map(|side| {
            let mut flags = EpollFlags::empty();
            if self.is_connected {
                flags.set(EpollFlags::EPOLLIN, self.is_read(side));
                let is_owed = !self.flows[side.other() as usize].pending.is_empty();
                flags.set(EpollFlags::EPOLLOUT, is_owed);
            } else {
                flags.set(EpollFlags::EPOLLOUT, side == Side::Backend);
            }
            // epoll reports a hang-up whether or not it was asked to, and level-triggered, at each
            // wait. A side that waits for nothing must not keep the loop awake, so it is told once.
            flags.set(EpollFlags::EPOLLET, flags.is_empty());
            flags
        })
    }

    /// Returns whether the next bytes of `side` can be taken: its last ones are delivered.
    fn is_read(&self, side: Side) -> bool {
        let flow = &self.flows[side as usize];
        self.is_connected && flow.pending.is_empty() && !flow.eof
    }

    /// Does what an event of one side calls for.
    ///
    /// # Errors
    ///
    /// Returns the errors of connect(2), read(2), write(2) and shutdown(2), except would-block. The pair
    /// is then to be [aborted](Self::abort).
    pub(super) fn on_ready(
        &mut self,
        side: Side,
        flags: EpollFlags,
        scratch: &mut [u8],
    ) -> io::Result<()> {
        if !self.is_connected && side == Side::Backend {
            let answer = is_connected(self.socket(side));
            let refused = |error: &_| turned_away(self.client, format_args!("no backend: {error}"));
            self.is_connected = answer.inspect_err(refused)?;
            return Ok(());
        }
        // Bytes may have come before an error; a read returns these first.
        if flags.contains(EpollFlags::EPOLLERR) && !self.is_read(side) {
            let error = self.socket(side).take_error()?;
            return Err(error.unwrap_or(ErrorKind::ConnectionReset.into()));
        }
        if flags.contains(EpollFlags::EPOLLOUT) {
            self.deliver(side.other())?;
        }
        let news = EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
        if flags.intersects(news) && self.is_read(side) {
            self.take(side, scratch)?;
        }
        Ok(())
    }

    /// Reads from `side` once, and writes what came to the other side, straight away. Only what that did
    /// not take is kept. Passes the end on, if that is what came.
    fn take(&mut self, side: Side, scratch: &mut [u8]) -> io::Result<()> {
        let mut from = self.socket(side);
        let received = match retry(|| from.read(scratch)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            result => result?,
        };
        let to = self.socket(side.other());
        if received == 0 {
            // Nothing is pending: otherwise this side would not have been read.
            to.shutdown(Shutdown::Write)?;
            self.flows[side as usize].eof = true;
            return Ok(());
        }
        let bytes = &scratch[..received];
        let sent = write_some(to, bytes)?;
        let pending = &mut self.flows[side as usize].pending;
        pending.extend_from_slice(&bytes[sent..]);
        Ok(())
    }

    /// Writes what is pending from `side` to the other one, once.
    fn deliver(&mut self, side: Side) -> io::Result<()> {
        let pending = &mut self.flows[side as usize].pending;
        let sent = write_some(&self.sockets[side.other() as usize], pending)?;
        pending.drain(..sent);
        if pending.is_empty() {
            *pending = Vec::new();
        }
        Ok(())
    }

    /// Returns whether both ends have come and were passed on. Dropping the pair then loses nothing.
    pub(super) fn is_finished(&self) -> bool {
        self.flows.iter().all(|flow| flow.eof)
    }

    /// Makes the end of this pair a reset, on both sides: each one learns that it does not have all. A
    /// close would look like a regular end.
    pub(super) fn abort(&self) {
        for socket in &self.sockets {
            reset_on_close(socket);
        }
    }
}

/// Reports that a client is turned away, and why.
pub(super) fn turned_away(client: SocketAddr, why: impl Display) {
    TURNED_AWAY.report(format_args!("{client} turned away: {why}"));
}

/// Has a close of `socket` reset its connection (socket(7), SO_LINGER with a time of 0).
fn reset_on_close(socket: &TcpStream) {
    let at_once = nix::libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // Fails for no socket that is open.
    let _ = setsockopt(socket, sockopt::Linger, &at_once);
}

/// Writes once, and returns how many bytes `to` has taken: 0 if it has no room.
///
/// # Errors
///
/// Returns the errors of write(2), except would-block.
fn write_some(mut to: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match retry(|| to.write(bytes)) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

/// Returns whether a connection is made by now.
///
/// # Errors
///
/// Returns the error that connect(2) would have returned if it had waited.
fn is_connected(socket: &TcpStream) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        // Readiness is a hint: there is no answer yet.
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        peer => peer.map(|_| true),
    }
}
