//! Stage 4: one thread serves all clients, and asks the kernel which of them are ready.
//!
//! *New*: `select`, sockets that do not block, and the connection as a [state machine](Connection)
//! with backpressure.
//! *Carried over*: listening, and the errors of accept, from stage 1.
//! *Cost*: every wait hands all descriptors to the kernel, which looks at each. Each must be below
//! 1,024, however few are open.

mod acceptor;
mod connection;
mod limit;
mod ready;

use std::io;
use std::net::{TcpListener, TcpStream};
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
/// Returns the errors of [`announce`], ioctl(2) and select(2), the fatal ones of accept(2), and an error
/// if the listener itself does not fit.
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
        let mut sets = Sets::of(interests(&acceptor, &connections));
        let (readable, writable) = (&mut sets.readable, &mut sets.writable);
        // A listener that is paused, because descriptors are short, is looked at again after a while.
        let timeout = acceptor.time_left().map(milliseconds);
        let mut timeout = timeout.map(|timeout| TimeVal::milliseconds(timeout.into()));
        let ready = match select(sets.bits, readable, writable, None, timeout.as_mut()) {
            Ok(_) => sets.ready(),
            // A signal interrupted the wait: the sets still hold the question, and no answer.
            Err(Errno::EINTR) => Ready::default(),
            Err(errno) => return Err(errno.into()),
        };

        let before = connections.len();
        // A connection without an interest is finished. Dropping it closes it.
        connections.retain_mut(|connection| {
            !ready.contains(connection.as_fd()) || connection.on_ready(&mut scratch).is_some()
        });
        acceptor.end_pause_if_due(connections.len() < before);
        if ready.contains(acceptor.listener()) {
            acceptor.accept_waiting(&mut arrivals)?;
        }
        // These come last: a new one may have the number of one that was closed.
        for (stream, address) in arrivals.drain(..) {
            if let Err(error) = admit(&mut connections, stream) {
                TURNED_AWAY.report(format_args!("{address} turned away: {error}"));
            }
        }
    }
}

/// The arguments of `select`: a set for each interest, and how many bits of them the kernel looks at.
struct Sets<'fd> {
    readable: FdSet<'fd>,
    writable: FdSet<'fd>,
    bits: i32,
}

impl<'fd> Sets<'fd> {
    fn of(interests: impl Iterator<Item = (BorrowedFd<'fd>, Interest)>) -> Self {
        let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
        let mut bits = 0;
        for (fd, interest) in interests {
            match interest {
                Interest::Read => readable.insert(fd),
                Interest::Write => writable.insert(fd),
            }
            // Bit 0 is for descriptor 0, so there is one bit more than the highest number.
            bits = bits.max(fd.as_raw_fd() + 1);
        }
        Self {
            readable,
            writable,
            bits,
        }
    }

    /// Returns the descriptors that the kernel has left in the sets: the ready ones.
    fn ready(&self) -> Ready {
        // With the listener paused and no client connected, the sets are empty.
        let highest = Some(self.bits.max(1) - 1);
        let (readable, writable) = (self.readable.fds(highest), self.writable.fds(highest));
        readable.chain(writable).collect()
    }
}

/// Makes a connection of a client whose descriptor fits.
///
/// The limit is on the descriptor's value, not on how many are open: a set is an array of 1,024 bits, and
/// FD_SET of a higher descriptor writes beyond its end (select(2), WARNING).
///
/// # Errors
///
/// Returns the error of ioctl(2), and one that names a descriptor that does not fit.
fn admit(connections: &mut Vec<Connection>, stream: TcpStream) -> io::Result<()> {
    if !fits(stream.as_fd()) {
        let fd = stream.as_raw_fd();
        let error = format!("descriptor {fd} does not fit into an fd_set of {FD_SETSIZE}");
        return Err(io::Error::other(error));
    }
    connections.push(Connection::new(stream)?);
    Ok(())
}

fn fits(fd: BorrowedFd) -> bool {
    usize::try_from(fd.as_raw_fd()).is_ok_and(|fd| fd < FD_SETSIZE)
}
