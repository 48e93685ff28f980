//! What may go wrong when a client comes, and what a server does about it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;

use crate::RateLimited;

/// How long a server leaves its listener alone when it could not accept a client. Another process may
/// free what is short, and no event reports it. So the server has to try again by itself.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a server waits after an error of a single connection. If every accept(2) fails in this way,
/// the server burns no CPU time.
const BREATH: Duration = Duration::from_millis(1);

/// An error of accept(2), by what the server should do about it (accept(2), "Error handling").
#[derive(Debug)]
pub enum AcceptError {
    /// Nobody waits any more. Only a listener that does not block reports this.
    WouldBlock,
    /// This one client is gone, or a signal came first. The next `accept` may succeed.
    Retry(io::Error),
    /// Descriptors or memory have run out, or a firewall lets nobody in. The client still waits in the
    /// queue, and `accept` would fail again at once: retrying in a loop would only burn CPU time.
    Exhausted(io::Error),
    /// The listener is unusable: a mistake in the program.
    Fatal(io::Error),
}

impl From<io::Error> for AcceptError {
    fn from(error: io::Error) -> Self {
        use Errno::*;
        match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
            EAGAIN => Self::WouldBlock,
            // Errors of the connection that would have been accepted (accept(2)).
            EINTR | ECONNABORTED | EPROTO | ENOPROTOOPT | ENETDOWN | ENETUNREACH | EHOSTDOWN
            | EHOSTUNREACH | ENONET | EOPNOTSUPP | ETIMEDOUT => Self::Retry(error),
            EMFILE | ENFILE | ENOBUFS | ENOMEM | EPERM => Self::Exhausted(error),
            _ => Self::Fatal(error),
        }
    }
}

/// Calls accept(2) once, and returns the client with its address.
///
/// What a server writes to this client leaves at once (TCP_NODELAY, tcp(7)). Otherwise a second small
/// write waits until the client has acknowledged the first one. A client with nothing to send delays
/// that by 40 ms (RFC 9293, section 3.7.4; TCP_DELACK_MIN in include/net/tcp.h, Linux 6.18).
///
/// # Errors
///
/// Returns the errors of accept(2), each as an [`AcceptError`].
pub fn accept_once(listener: &TcpListener) -> Result<(TcpStream, SocketAddr), AcceptError> {
    let (client, address) = listener.accept()?;
    // If the client is gone, the first read fails.
    let _ = client.set_nodelay(true);
    Ok((client, address))
}

/// Waits for the next client, and returns it with its address.
///
/// # Errors
///
/// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
pub fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        if let Some(client) = accept_or_pause(listener)? {
            return Ok(client);
        }
    }
}

/// Calls accept(2) once, and returns the client with its address. Returns `None` if there was no client.
/// Sleeps first if the next call would fail at once.
///
/// # Errors
///
/// Returns the errors of accept(2) that are [`AcceptError::Fatal`].
pub fn accept_or_pause(listener: &TcpListener) -> io::Result<Option<(TcpStream, SocketAddr)>> {
    match accept_once(listener) {
        Ok(client) => return Ok(Some(client)),
        Err(AcceptError::WouldBlock) => {}
        Err(AcceptError::Retry(_)) => thread::sleep(BREATH),
        Err(AcceptError::Exhausted(error)) => thread::sleep(report_shortage(&error)),
        Err(AcceptError::Fatal(error)) => return Err(error),
    }
    Ok(None)
}

/// Reports that clients cannot be accepted, and returns how long to leave the listener alone.
pub fn report_shortage(error: &io::Error) -> Duration {
    static SHORTAGE: RateLimited = RateLimited::new();
    SHORTAGE.report(format_args!("cannot accept, clients have to wait: {error}"));
    PAUSE
}
