//! Stage 4: one thread serves all clients, and asks the kernel which of them are ready.
//!
//! *New*: `select`; sockets that do not block; the connection as a [state machine](Connection) with
//! backpressure; a [signal as a descriptor](Shutdown) among the others.
//! *Carried over*: listening, and the sorting of accept's errors, from stage 1.
//! *Cost*: every wait hands all descriptors to the kernel, which looks at each; none may be 1,024 or
//! above, however few there are.

mod acceptor;
mod connection;
mod limit;
mod quiet;
mod shutdown;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use stage_01::{BUFFER_SIZE, announce, report};

pub use acceptor::Acceptor;
pub use connection::{Connection, Interest};
pub use limit::raise_fd_limit;
pub use quiet::is_quiet;
pub use shutdown::Shutdown;

/// Says where it listens, and serves every client whose descriptor fits into an fd_set, until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the listener is of no more use, or `select` itself fails.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit()?;
    let mut shutdown = Shutdown::on_signals()?;
    if !fits(shutdown.as_fd()) || !fits(listener.as_fd()) {
        let error = "too many descriptors were open at the start";
        return Err(io::Error::other(error));
    }
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    while !shutdown.is_over(connections.is_empty()) {
        let ready = wait(&shutdown, &acceptor, &connections)?;
        let freed = serve(&mut connections, &ready.connections, &mut scratch);
        acceptor.resume_if(freed);
        if ready.signal && shutdown.begin()? {
            acceptor.close();
        }
        if shutdown.is_time_to_look() {
            connections.retain(|connection| !connection.is_quiet());
        }
        if ready.listener {
            for (stream, address) in acceptor.accept_waiting()? {
                connections.extend(admit(stream, address));
            }
        }
    }
    Ok(())
}

/// What `select` found ready.
struct Ready {
    signal: bool,
    listener: bool,
    /// For each connection, in their order.
    connections: Vec<bool>,
}

/// Sleeps until something can be done. `select` overwrites the sets that it is given, so they are
/// made anew each time, from what each connection waits for now.
fn wait(shutdown: &Shutdown, acceptor: &Acceptor, connections: &[Connection]) -> io::Result<Ready> {
    let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
    let mut highest = shutdown.as_fd().as_raw_fd();
    readable.insert(shutdown.as_fd());
    if let Some(listener) = acceptor.watched() {
        highest = highest.max(listener.as_raw_fd());
        readable.insert(listener);
    }
    for connection in connections {
        let fd = connection.as_fd();
        highest = highest.max(fd.as_raw_fd());
        match connection.interest() {
            Interest::Read => readable.insert(fd),
            Interest::Write => writable.insert(fd),
            Interest::None => {}
        }
    }
    let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
    let mut timeout = limit.map(|limit| TimeVal::milliseconds(limit.into()));
    // The kernel looks at the first so many bits of each set.
    let bits = highest + 1;
    match select(bits, &mut readable, &mut writable, None, timeout.as_mut()) {
        Ok(_) => {}
        // A signal's handler has run. The sets are as they were: nothing is known.
        Err(Errno::EINTR) => {
            readable.clear();
            writable.clear();
        }
        Err(errno) => return Err(errno.into()),
    }
    let is_ready = |connection: &Connection| {
        let fd = connection.as_fd();
        readable.contains(fd) || writable.contains(fd)
    };
    Ok(Ready {
        signal: readable.contains(shutdown.as_fd()),
        listener: acceptor.watched().is_some_and(|fd| readable.contains(fd)),
        connections: connections.iter().map(is_ready).collect(),
    })
}

/// Lets each connection that is ready do its step, and drops those that are finished. Gives whether
/// there were any.
pub fn serve(connections: &mut Vec<Connection>, is_ready: &[bool], scratch: &mut [u8]) -> bool {
    let before = connections.len();
    let mut is_ready = is_ready.iter();
    connections.retain_mut(|connection| {
        is_ready.next() != Some(&true) || connection.on_ready(scratch) != Interest::None
    });
    connections.len() < before
}

/// Takes a client on, if its descriptor fits. The limit is one of value, not of number: a set is an
/// array of 1,024 bits, and FD_SET of a higher one writes beyond its end (select(2), WARNING).
fn admit(stream: TcpStream, address: SocketAddr) -> Option<Connection> {
    if !fits(stream.as_fd()) {
        let fd = stream.as_raw_fd();
        report(format_args!(
            "{address} turned away: descriptor {fd} does not fit into an fd_set of {FD_SETSIZE}"
        ));
        return None;
    }
    Connection::new(stream).ok()
}

fn fits(fd: BorrowedFd) -> bool {
    usize::try_from(fd.as_raw_fd()).is_ok_and(|fd| fd < FD_SETSIZE)
}

/// How long a loop may sleep, in milliseconds, given the times that this and that leaves it; `None`
/// is for ever. Rounded up: a loop that woke just before its time would find nothing to do, and spin.
pub fn sleep_limit<const N: usize>(times: [Option<Duration>; N]) -> Option<u16> {
    let shortest = times.into_iter().flatten().min()?;
    Some(u16::try_from(shortest.as_millis() + 1).unwrap_or(u16::MAX))
}
