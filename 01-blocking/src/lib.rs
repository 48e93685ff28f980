//! Stage 1: one process serves one client at a time, with calls that block.
//!
//! *New*: a listener, `accept`, and the echo itself: read, write all of it, until EOF.
//! *Carried over*: nothing; the rooms beside this one serve every later stage too.
//! *Cost*: while one client is served, all the others wait, however little the one says.
//!
//! [`run`] and [`echo`] are the lesson. Around them: [`cli`] (the command line), [`listen`] and
//! [`announce`] (a port, and the line that says so), [`accept`] and [`AcceptError`] (what may go
//! wrong when a client is let in), [`report`] (a line on standard error).

mod accept;
pub mod cli;
mod listen;
mod report;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

pub use accept::{AcceptError, Shortage, accept};
pub use listen::{announce, listen, say};
pub use report::report;

/// Bytes that a server reads at a time, in every stage. It is also the most that a server holds for
/// a client that does not read.
pub const BUFFER_SIZE: usize = 16 * 1024;

/// Says where it listens, and serves one client after the other, each until it leaves.
///
/// # Errors
///
/// Only when the listener itself is of no more use ([`AcceptError::Fatal`]), or cannot be announced.
pub fn run(listener: TcpListener) -> io::Result<()> {
    announce(&listener)?;
    let mut shortage = Shortage::default();
    loop {
        let Some((client, _)) = accept(&listener, &mut shortage)? else {
            continue;
        };
        // A client that breaks off ends its own connection, and concerns nobody else.
        let _ = echo(&client);
    }
}

/// Sends back what the client sends, until its EOF; blocks as long as the client is silent, or does
/// not read.
///
/// EOF means that the client has closed its sending half: it may still be reading, so everything
/// that was read is written before this returns (RFC 862; RFC 9293, section 3.6).
///
/// # Errors
///
/// The connection's: a reset ([`ErrorKind::ConnectionReset`]), or a write to a client that is gone
/// ([`ErrorKind::BrokenPipe`]; Rust's runtime ignores SIGPIPE).
pub fn echo(mut client: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; BUFFER_SIZE];
    loop {
        match retry(|| client.read(&mut buffer))? {
            0 => return Ok(()),
            // One `write` may take only a part (write(2), "partial write").
            received => client.write_all(&buffer[..received])?,
        }
    }
}

/// Makes a system call again for as long as a signal interrupts it before it did anything (signal(7),
/// EINTR).
///
/// # Errors
///
/// Those of `call`, but for [`ErrorKind::Interrupted`].
pub fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
