//! Whether anything is under way on a connection.

use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd};

use libc::{FIONREAD, Ioctl, TIOCOUTQ};

/// Whether no byte that has come is unread, and none that was sent is unacknowledged (tcp(7), SIOCINQ
/// and SIOCOUTQ).
///
/// To close a connection at any other time may lose bytes that the client was to have: unread ones
/// make of the close a reset, as do those that arrive after it, and a reset discards what is still to
/// be sent (RFC 2525, section 2.17).
pub fn is_quiet(socket: impl AsFd) -> bool {
    bytes(&socket, FIONREAD) == 0 && bytes(&socket, TIOCOUTQ) == 0
}

/// What one of the two requests counts; 0 for a socket that cannot say so any more.
fn bytes(socket: impl AsFd, request: Ioctl) -> c_int {
    let mut count: c_int = 0;
    // SAFETY: the kernel writes through the pointer as the request has it: both write an int, and the
    // pointer is a local variable's.
    match unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), request, &raw mut count) } {
        -1 => 0,
        _ => count,
    }
}
