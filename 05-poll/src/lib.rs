//! Stage 5: an array in place of the bitmaps, and an end in good order.
//!
//! *New*: `poll`: an entry for each descriptor, whatever its value, with room for the answer next to
//! the question. A [signal as a descriptor](Shutdown) among the others. It begins the *drain*: each
//! client gets what it is owed, and then the server ends.
//! *Carried over*: the connection, the acceptor and what "ready" is, from stage 4.
//! *Cost*: the cap is gone, the scan is not. Each wait hands all N entries (8 bytes each) to the
//! kernel, which asks every descriptor, and the loop looks at each again.

mod quiet;
mod shutdown;

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_01::{BUFFER_SIZE, RateLimited, announce};
use stage_04::{Acceptor, Connection, Interest, Ready, interests, milliseconds, raise_fd_limit};

pub use quiet::{is_quiet, is_socket_quiet};
pub use shutdown::{GRACE, LOOK, Shutdown};

static TURNED_AWAY: RateLimited = RateLimited::new();

/// How long the loop sleeps where poll refuses its entries.
const REFUSED_PAUSE: Duration = Duration::from_millis(10);

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns the errors of [`Shutdown`], [`announce`], ioctl(2) and poll(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Vec<Connection> = Vec::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    while !shutdown.is_over(connections.is_empty()) {
        let signal = (shutdown.as_fd(), Interest::Read);
        let watched = interests(&acceptor, &connections).chain([signal]);
        let mut entries: Vec<PollFd> = watched.map(entry).collect();
        let timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        let timeout = timeout.map_or(PollTimeout::NONE, PollTimeout::from);
        let ready: Ready = match poll(&mut entries, timeout) {
            // Any answer counts: an error or a hang-up is reported without being asked for, and the
            // connection's next step fails with it.
            Ok(_) => entries
                .iter()
                .filter(|entry| entry.any() == Some(true))
                .collect(),
            Err(Errno::EINTR) => Ready::default(),
            // The process's limit of descriptors was lowered below the number of entries (poll(2)).
            // Readiness is a hint, so all of them count as ready, again and again.
            Err(Errno::EINVAL) => {
                thread::sleep(REFUSED_PAUSE);
                entries.iter().collect()
            }
            Err(errno) => return Err(errno.into()),
        };

        let before = connections.len();
        connections.retain_mut(|connection| {
            !ready.contains(connection.as_fd()) || connection.on_ready(&mut scratch).is_some()
        });
        acceptor.end_pause_if_due(connections.len() < before);
        if ready.contains(acceptor.listener()) {
            acceptor.accept_waiting(&mut arrivals)?;
        }
        if ready.contains(shutdown.as_fd()) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        for (stream, address) in arrivals.drain(..) {
            match Connection::new(stream) {
                Ok(connection) => connections.push(connection),
                Err(error) => TURNED_AWAY.report(format_args!("{address} turned away: {error}")),
            }
        }
        if shutdown.has_begun() {
            connections.retain(|connection| !is_quiet(connection));
        }
    }
    Ok(())
}

fn entry((fd, interest): (BorrowedFd<'_>, Interest)) -> PollFd<'_> {
    let events = match interest {
        Interest::Read => PollFlags::POLLIN,
        Interest::Write => PollFlags::POLLOUT,
    };
    PollFd::new(fd, events)
}

/// Returns how long a loop may sleep, in milliseconds, given what each of its parts allows. `None` is
/// forever.
pub fn sleep_limit<const N: usize>(limits: [Option<Duration>; N]) -> Option<u16> {
    limits.into_iter().flatten().min().map(milliseconds)
}
