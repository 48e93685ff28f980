//! Stage 5: an array in place of the bitmaps, and an end in good order.
//!
//! *New*: `poll`: an entry for each descriptor, whatever its value, with room for the answer next to
//! the question. A [signal as a descriptor](Shutdown) among the others, and the drain after it.
//! *Carried over*: the connection, the acceptor and what "ready" is, from stage 4.
//! *Cost*: the cap is gone, the scan is not: each wait hands all N entries (8 bytes each) to the
//! kernel, which asks every descriptor, and each is looked at again here.

mod quiet;
mod shutdown;

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_01::{BUFFER_SIZE, announce};
use stage_04::{Acceptor, Connection, Interest, Ready, interests, milliseconds, raise_fd_limit};

pub use quiet::{is_quiet, is_socket_quiet};
pub use shutdown::Shutdown;

/// How long the loop sleeps where poll cannot be asked.
const LIMIT_LOWERED: Duration = Duration::from_millis(10);

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns the errors of poll(2), of [`Shutdown`], those of accept(2) that are fatal, and an error if
/// the listener cannot be announced.
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
        let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        let limit = limit.map_or(PollTimeout::NONE, PollTimeout::from);
        let ready: Ready = match poll(&mut entries, limit) {
            // An error or a hang-up is reported without being asked for. The connection's next step
            // will meet it.
            Ok(_) => entries
                .iter()
                .filter(|entry| entry.any() == Some(true))
                .collect(),
            Err(Errno::EINTR) => Ready::default(),
            // There are more entries than the process may have descriptors: somebody has lowered its
            // limit (poll(2)). Readiness is a hint, so all are taken for ready, now and then.
            Err(Errno::EINVAL) => {
                thread::sleep(LIMIT_LOWERED);
                entries.iter().collect()
            }
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
        if ready.contains(shutdown.as_fd()) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        for (stream, _) in arrivals.drain(..) {
            connections.extend(Connection::new(stream));
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
