//! A port to listen on, and the line that says so.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};

use nix::sys::socket::{self, Backlog};

/// Listens on `address`, and returns the listener. With port 0 the kernel picks one.
///
/// std sets SO_REUSEADDR. Without it a server could not come back to its port while connections of
/// its last run are in TIME_WAIT (ip(7), socket(7)).
///
/// # Errors
///
/// Returns the errors of socket(2), bind(2) and listen(2): the address is in use, belongs to another
/// machine, or needs a privilege.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // std asks for a queue of 128 clients. A second listen(2) only changes that number. The kernel
    // cuts it to net.core.somaxconn.
    socket::listen(&listener, Backlog::MAXALLOWABLE)?;
    Ok(listener)
}

/// Prints the listener's address on standard output, in one line. A server does so when it is ready
/// for clients, and for signals.
///
/// # Errors
///
/// Returns the errors of getsockname(2) and of [`say`].
pub fn announce(listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    say(format_args!("listening on {address}"))
}

/// Prints a line on standard output.
///
/// # Errors
///
/// Returns the errors of write(2), with a text that says what failed.
pub fn say(line: impl Display) -> io::Result<()> {
    let printed = writeln!(io::stdout(), "{line}");
    printed.map_err(|error| io::Error::new(error.kind(), format!("cannot print: {error}")))
}
