//! Stage 1: one process serves one client at a time, with calls that block.
//!
//! *New*: a listener, `accept`, and the echo itself: read, write all of it, until EOF.
//! *Carried over*: nothing. The modules next to this one serve every later stage too.
//! *Cost*: while one client is served, all the others wait, however little that one says.
//!
//! [`run`] and [`echo`] are the lesson. Around them, [`listen`] and [`announce`] open a port and say
//! so, and [`accept`] sorts out what may go wrong when a client comes. [`report`] writes a line on
//! standard error, [`cli`] reads the command line.

mod accept;
pub mod cli;
mod listen;
mod report;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

pub use accept::{AcceptError, accept, accept_once, accept_or_pause, report_shortage};
pub use listen::{announce, listen, say};
pub use report::{RateLimited, report};

/// How many bytes a server reads at a time, in every stage. A server also holds no more than that
/// for a client that does not read.
pub const BUFFER_SIZE: usize = 16 * 1024;

/// Announces the listener's address, and serves one client after the other, each until it leaves.
///
/// # Errors
///
/// Returns the errors of [`announce`], and the fatal ones of [`accept`].
pub fn run(listener: TcpListener) -> io::Result<()> {
    announce(&listener)?;
    loop {
        let (client, _address) = accept(&listener)?;
        // An error ends this connection only.
        let _ = echo(&client);
    }
}

/// Sends back what the client sends, until its EOF. Blocks for as long as the client is silent, or
/// does not read.
///
/// EOF means that the client has closed its sending half. It may still be reading, so this function
/// writes everything that it has read before it returns (RFC 862; RFC 9293, section 3.6).
///
/// # Errors
///
/// Returns the errors of read(2) and write(2): a reset ([`ErrorKind::ConnectionReset`]), or a write
/// to a client that is gone ([`ErrorKind::BrokenPipe`]; Rust's runtime ignores SIGPIPE).
pub fn echo(mut client: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; BUFFER_SIZE];
    loop {
        match retry(|| client.read(&mut buffer))? {
            0 => return Ok(()),
            // One `write` may take only a part (write(2), "partial write"), or be interrupted.
            received => client.write_all(&buffer[..received])?,
        }
    }
}

/// Repeats a system call for as long as a signal interrupts it before it has done anything (signal(7),
/// EINTR). Returns what the last call returned.
///
/// # Errors
///
/// Returns the errors of `call`, except [`ErrorKind::Interrupted`].
pub fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
