//! What may go wrong when a client comes, and what a server does about it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;

use crate::RateLimited;

/// How long a server leaves its listener alone when it could not accept a client. Its own clients
/// are not the only ones that could free what it lacks, so it has to look again by itself.
const PAUSE: Duration = Duration::from_millis(100);

/// An error of accept(2), by what the server should do about it (accept(2), "Error handling").
#[derive(Debug)]
pub enum AcceptError {
    /// This one client is gone, or a firewall has refused it. The next one may be well.
    Retry,
    /// Descriptors or memory have run out. The client still waits in the queue, and `accept` would
    /// fail again at once: to try in a loop would only burn CPU time.
    Exhausted(io::Error),
    /// The listener is useless: a mistake in the program.
    Fatal(io::Error),
}

impl From<io::Error> for AcceptError {
    fn from(error: io::Error) -> Self {
        use Errno::*;
        match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
            // Nobody waits any more, or a signal came first.
            EAGAIN | EINTR => Self::Retry,
            // These belong to the connection that would have been accepted (accept(2)).
            ECONNABORTED | EPERM | EPROTO | ENOPROTOOPT | ENETDOWN | ENETUNREACH | EHOSTDOWN
            | EHOSTUNREACH | ENONET | EOPNOTSUPP | ETIMEDOUT => Self::Retry,
            EMFILE | ENFILE | ENOBUFS | ENOMEM => Self::Exhausted(error),
            _ => Self::Fatal(error),
        }
    }
}

/// Waits for the next client, and returns it with its address.
///
/// # Errors
///
/// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
pub fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        if let Some(client) = try_accept(listener)? {
            return Ok(client);
        }
    }
}

/// Calls accept(2) once, and returns the client. Returns `None` if the call brought no client, after a
/// [pause](report_shortage) if descriptors or memory are short.
///
/// # Errors
///
/// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
pub fn try_accept(listener: &TcpListener) -> io::Result<Option<(TcpStream, SocketAddr)>> {
    match listener.accept().map_err(AcceptError::from) {
        Ok(client) => Ok(Some(client)),
        Err(AcceptError::Retry) => Ok(None),
        Err(AcceptError::Exhausted(error)) => {
            thread::sleep(report_shortage(&error));
            Ok(None)
        }
        Err(AcceptError::Fatal(error)) => Err(error),
    }
}

/// Reports that descriptors or memory are short, and returns how long to leave the listener alone.
pub fn report_shortage(error: &io::Error) -> Duration {
    static SHORTAGE: RateLimited = RateLimited::new();
    SHORTAGE.report(format_args!("cannot accept, clients have to wait: {error}"));
    PAUSE
}
