//! A port to listen on, and the line that says so.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};

use nix::sys::socket::{self, Backlog};

/// Listens on `address`; port 0 lets the kernel pick one.
///
/// std sets SO_REUSEADDR, without which a server could not come back to its port while connections
/// of its last run are in TIME_WAIT (ip(7), socket(7)).
///
/// # Errors
///
/// Those of socket(2), bind(2) and listen(2): the address is in use, is not this machine's, or needs
/// a privilege.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // std asks for a queue of 128 clients. A second listen(2) only changes that number; the kernel
    // cuts it to net.core.somaxconn.
    socket::listen(&listener, Backlog::MAXALLOWABLE)?;
    Ok(listener)
}

/// Says on standard output, in one line, where the server can be reached. A server says so when it is
/// ready for clients, and for signals.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn announce(listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    say(format_args!("listening on {address}"))
}

/// Prints a line on standard output, with an error that says so.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn say(line: impl Display) -> io::Result<()> {
    let printed = writeln!(io::stdout(), "{line}");
    printed.map_err(|error| io::Error::new(error.kind(), format!("cannot announce it: {error}")))
}
