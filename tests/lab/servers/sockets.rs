//! What the standard library does not say of sockets and signals.

use std::fs;
use std::io;
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, SockaddrIn, bind, recv, setsockopt,
    socket, sockopt,
};

/// Listens at `address`, with room for `queue` clients that wait.
pub(crate) fn listen(address: SocketAddrV4, reuse: bool, queue: usize) -> io::Result<TcpListener> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    let socket = socket(family, SockType::Stream, flags, None)?;
    setsockopt(&socket, sockopt::ReuseAddr, &reuse)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    nix::sys::socket::listen(&socket, Backlog::new(queue as i32)?)?;
    Ok(socket.into())
}

/// Returns whether a read would find bytes. (FIONREAD counts up to the urgent mark only.)
pub(crate) fn has_unread_bytes(socket: &TcpStream) -> bool {
    let peeked = recv(socket.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK);
    peeked.is_ok_and(|length| length > 0)
}

/// Returns how many bytes were sent and are not acknowledged.
pub(crate) fn unacknowledged(socket: &TcpStream) -> i32 {
    count(socket, libc::TIOCOUTQ)
}

/// Returns how many bytes are unread up to the urgent mark.
pub(crate) fn unread(socket: &TcpStream) -> i32 {
    count(socket, libc::FIONREAD)
}

/// Asks a socket for a number (tcp(7), ioctls); 0 if it cannot tell.
fn count(socket: &TcpStream, request: libc::Ioctl) -> i32 {
    let mut number: libc::c_int = 0;
    // SAFETY: the kernel writes an int through the pointer, and would overwrite whatever else it led to: it is that of a
    // local variable.
    let asked = unsafe { libc::ioctl(socket.as_raw_fd(), request, &raw mut number) };
    if asked == 0 { number } else { 0 }
}

/// Returns the signals that this program ignores: a mask in /proc/self/status (proc_pid_status(5)).
pub(crate) fn ignored_signals() -> io::Result<SigSet> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let mask = mask.ok_or_else(|| io::Error::other("no line SigIgn in /proc/self/status"))?;
    let is_ignored = |signal: &Signal| mask >> (*signal as u32 - 1) & 1 == 1;
    Ok(Signal::iterator().filter(is_ignored).collect())
}
