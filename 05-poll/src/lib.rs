//! Stage 5: the same, with an array in place of the bitmaps.
//!
//! *New*: `poll`: an entry for each descriptor, whatever its value, with room for the answer beside
//! the question.
//! *Carried over*: the connection, the acceptor and the shutdown from stage 4.
//! *Cost*: the cap is gone, the scan is not: each wait hands all N entries (8 bytes each) to the
//! kernel, which asks every descriptor, and each is looked at again here.

use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_01::{BUFFER_SIZE, announce};
use stage_04::{Acceptor, Connection, Interest, Shutdown, raise_fd_limit, serve, sleep_limit};

/// Says where it listens, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the listener is of no more use, or `poll` itself fails.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit()?;
    let mut shutdown = Shutdown::on_signals()?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    while !shutdown.is_over(connections.is_empty()) {
        let mut is_ready = wait(&shutdown, &acceptor, &connections)?;
        let listener_ready = is_ready.pop() == Some(true);
        let signal_ready = is_ready.pop() == Some(true);
        acceptor.resume_if(serve(&mut connections, &is_ready, &mut scratch));
        if signal_ready && shutdown.begin()? {
            acceptor.close();
        }
        if shutdown.is_time_to_look() {
            connections.retain(|connection| !connection.is_quiet());
        }
        if listener_ready {
            for (stream, _) in acceptor.accept_waiting()? {
                connections.extend(Connection::new(stream));
            }
        }
    }
    Ok(())
}

/// Sleeps until something can be done. Gives for each connection, in their order, whether it is
/// ready, and behind these the same of the signal and of the listener.
fn wait(
    shutdown: &Shutdown,
    acceptor: &Acceptor,
    connections: &[Connection],
) -> io::Result<Vec<bool>> {
    let mut fds: Vec<PollFd> = connections.iter().map(entry).collect();
    fds.push(PollFd::new(shutdown.as_fd(), PollFlags::POLLIN));
    fds.extend(
        acceptor
            .watched()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN)),
    );

    let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
    match poll(&mut fds, limit.map_or(PollTimeout::NONE, PollTimeout::from)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    // An error or a hang-up is reported without being asked for: the connection's next step meets it.
    let mut is_ready: Vec<bool> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
    is_ready.resize(connections.len() + 2, false); // a listener that is not watched is not ready
    Ok(is_ready)
}

fn entry(connection: &Connection) -> PollFd<'_> {
    let events = match connection.interest() {
        Interest::Read => PollFlags::POLLIN,
        Interest::Write => PollFlags::POLLOUT,
        Interest::None => PollFlags::empty(),
    };
    PollFd::new(connection.as_fd(), events)
}
