//! Whether anything is under way on a connection.

use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use stage_04::{Connection, Interest};

/// Returns whether nothing is under way on `connection`, in either direction: no byte is pending,
/// unread or unacknowledged. Then it can be closed, and nothing is lost.
pub fn is_quiet(connection: &Connection) -> bool {
    connection.interest() != Some(Interest::Write) && is_socket_quiet(connection)
}

/// Returns whether no byte that has come to `socket` is unread, and none that was sent is
/// unacknowledged.
///
/// Closing a socket at any other time may lose bytes for the client. Unread bytes turn the close into a
/// reset, as do bytes that arrive later, and a reset discards what is still to be sent (RFC 2525,
/// section 2.17).
pub fn is_socket_quiet(socket: impl AsFd) -> bool {
    is_drained(&socket) && unacknowledged(&socket) == 0
}

/// Returns whether a read would block, or find EOF.
///
/// FIONREAD would not do. It counts only up to the urgent mark, and misses what is behind it (tcp_inq in
/// include/net/tcp.h, Linux 6.18).
fn is_drained(socket: impl AsFd) -> bool {
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    let peeked = recv(socket.as_fd().as_raw_fd(), &mut [0], flags);
    !matches!(peeked, Ok(1..) | Err(Errno::EINTR))
}

/// Returns how many bytes were sent and are not acknowledged (tcp(7), SIOCOUTQ); 0 for a socket that
/// is dead.
fn unacknowledged(socket: impl AsFd) -> c_int {
    let mut count: c_int = 0;
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel writes through the pointer. TIOCOUTQ makes it write an int, and the pointer
    // points to a local variable of that type.
    match unsafe { libc::ioctl(fd, libc::TIOCOUTQ, &raw mut count) } {
        -1 => 0,
        _ => count,
    }
}
