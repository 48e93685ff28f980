//! Stage 4: one thread serves all clients, and asks the kernel which of them are ready.
//!
//! *New*: `select`, sockets that do not block, and the connection as a [state machine](Connection)
//! with backpressure.
//! *Carried over*: listening, and the errors of accept, from stage 1.
//! *Cost*: every wait hands all descriptors to the kernel, which looks at each. None may be 1,024 or
//! above, however few there are.

mod acceptor;
mod connection;
mod limit;
mod ready;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use stage_01::{BUFFER_SIZE, RateLimited, announce};

pub use acceptor::{Acceptor, Arrival, milliseconds};
pub use connection::{Connection, Interest};
pub use limit::raise_fd_limit;
pub use ready::{Ready, interests};

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Announces the listener's address, and serves every client whose descriptor fits into an fd_set.
///
/// # Errors
///
/// Returns the errors of select(2), those of accept(2) that are fatal, and an error if the listener
/// itself does not fit or cannot be announced.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    if !fits(listener.as_fd()) {
        let error = "too many descriptors were open at the start";
        return Err(io::Error::other(error));
    }
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Vec<Connection> = Vec::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    loop {
        // The kernel overwrites the sets with its answer, so each call is handed new ones.
        let mut sets: Sets = interests(&acceptor, &connections).collect();
        let (readable, writable) = (&mut sets.readable, &mut sets.writable);
        let limit = acceptor.time_left().map(milliseconds);
        let mut limit = limit.map(|limit| TimeVal::milliseconds(limit.into()));
        let ready = match select(sets.bits, readable, writable, None, limit.as_mut()) {
            Ok(_) => sets.ready(),
            // A signal's handler has run. The sets are as they were: nothing is known.
            Err(Errno::EINTR) => Ready::default(),
            Err(errno) => return Err(errno.into()),
        };

        let before = connections.len();
        connections.retain_mut(|connection| {
            !ready.contains(connection.as_fd()) || connection.on_ready(&mut scratch).is_some()
        });
        acceptor.resume_if(connections.len() < before);
        if ready.contains(acceptor.listener()) {
            acceptor.accept_waiting(&mut arrivals)?;
        }
        for (stream, address) in arrivals.drain(..) {
            connections.extend(admit(stream, address));
        }
    }
}

/// What `select` is handed: a set for each interest, and how many bits of them the kernel looks at.
struct Sets<'fd> {
    readable: FdSet<'fd>,
    writable: FdSet<'fd>,
    bits: i32,
}

impl<'fd> FromIterator<(BorrowedFd<'fd>, Interest)> for Sets<'fd> {
    fn from_iter<I: IntoIterator<Item = (BorrowedFd<'fd>, Interest)>>(interests: I) -> Self {
        let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
        let mut bits = 0;
        for (fd, interest) in interests {
            match interest {
                Interest::Read => readable.insert(fd),
                Interest::Write => writable.insert(fd),
            }
            // The first bit is that of descriptor 0.
            bits = bits.max(fd.as_raw_fd() + 1);
        }
        Self {
            readable,
            writable,
            bits,
        }
    }
}

impl Sets<'_> {
    /// Returns what the kernel has left in the sets: those that are ready.
    fn ready(&self) -> Ready {
        // While the listener is paused and no client is in, there is no bit at all.
        let highest = Some(self.bits.max(1) - 1);
        let (readable, writable) = (self.readable.fds(highest), self.writable.fds(highest));
        readable.chain(writable).collect()
    }
}

/// Returns the connection with a client whose descriptor fits; turns away any other client.
///
/// The limit is one of value, not of number: a set is an array of 1,024 bits, and FD_SET of a higher
/// descriptor writes beyond its end (select(2), WARNING).
fn admit(stream: TcpStream, address: SocketAddr) -> Option<Connection> {
    if !fits(stream.as_fd()) {
        let fd = stream.as_raw_fd();
        TURNED_AWAY.report(format_args!(
            "{address} turned away: descriptor {fd} does not fit into an fd_set of {FD_SETSIZE}"
        ));
        return None;
    }
    Connection::new(stream).ok()
}

fn fits(fd: BorrowedFd) -> bool {
    usize::try_from(fd.as_raw_fd()).is_ok_and(|fd| fd < FD_SETSIZE)
}
