//! Letting a client in, and what may go wrong in it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::report;

/// How long a server leaves its listener alone when it could not let a client in. Its own clients
/// are not the only ones that could free what it lacks, so it has to look again by itself.
const PAUSE: Duration = Duration::from_millis(100);

/// An error of `accept`, by what the server should do about it (accept(2), "Error handling").
#[derive(Debug)]
pub enum AcceptError {
    /// Nobody is waiting: only a non-blocking listener says so.
    WouldBlock,
    /// This one client is gone, or was refused by a firewall; the next one may be well.
    Retry,
    /// Descriptors or memory have run out. The client still waits in the queue, and `accept` would
    /// say the same again at once: trying in a loop would only burn the processor.
    Exhausted(io::Error),
    /// The listener is of no use: a mistake in the program.
    Fatal(io::Error),
}

impl From<io::Error> for AcceptError {
    fn from(error: io::Error) -> Self {
        use Errno::*;
        match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
            EAGAIN => Self::WouldBlock,
            // Errors of the connection that was to be accepted: the next one may be sound (accept(2)).
            EINTR | ECONNABORTED | EPERM | EPROTO | ENOPROTOOPT | ENETDOWN | ENETUNREACH
            | EHOSTDOWN | EHOSTUNREACH | ENONET | EOPNOTSUPP | ETIMEDOUT => Self::Retry,
            EMFILE | ENFILE | ENOBUFS | ENOMEM => Self::Exhausted(error),
            _ => Self::Fatal(error),
        }
    }
}

/// How long a server says nothing more of a shortage that it has reported: clients that come and go make it
/// begin anew with each of them.
const SILENCE: Duration = Duration::from_secs(10);

/// When a shortage of descriptors or memory was reported last.
#[derive(Debug, Default)]
pub struct Shortage {
    reported: Option<Instant>,
}

impl Shortage {
    /// Reports the shortage, unless one was reported a moment ago, and says how long to leave the
    /// listener alone.
    pub fn report(&mut self, error: &io::Error) -> Duration {
        if self.reported.is_none_or(|at| at.elapsed() >= SILENCE) {
            report(format_args!("cannot accept, clients have to wait: {error}"));
            self.reported = Some(Instant::now());
        }
        PAUSE
    }
}

/// Waits for a client; `None` means that none came of it this time, and that the caller should call
/// again. Sleeps for a moment when descriptors or memory are short.
///
/// # Errors
///
/// [`AcceptError::Fatal`].
pub fn accept(
    listener: &TcpListener,
    shortage: &mut Shortage,
) -> io::Result<Option<(TcpStream, SocketAddr)>> {
    match listener.accept().map_err(AcceptError::from) {
        Ok(client) => Ok(Some(client)),
        Err(AcceptError::WouldBlock | AcceptError::Retry) => Ok(None),
        Err(AcceptError::Exhausted(error)) => {
            thread::sleep(shortage.report(&error));
            Ok(None)
        }
        Err(AcceptError::Fatal(error)) => Err(error),
    }
}
