//! The bytes that a socket holds.

use std::net::TcpStream;
use std::os::fd::AsRawFd;

/// Bytes that the kernel keeps for a socket in its two queues, with what it needs around them
/// (SO_MEMINFO, net/core/sock.c, sk_get_meminfo).
pub(super) fn bytes_in_buffers(socket: &TcpStream) -> u64 {
    // include/uapi/linux/sock_diag.h
    const RECEIVED: usize = 0;
    const TO_BE_SENT: usize = 5;
    let mut figures = [0_u32; 9];
    let mut size = size_of_val(&figures) as libc::socklen_t;
    let (level, option) = (libc::SOL_SOCKET, libc::SO_MEMINFO);
    let to = (&raw mut figures).cast();
    // SAFETY: the kernel writes through both pointers, at most as many bytes to the first as the second says:
    // that is the size of the array.
    let got = unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, to, &raw mut size) };
    match got {
        0 => u64::from(figures[RECEIVED]) + u64::from(figures[TO_BE_SENT]),
        // Not 0, which would be what is hoped for.
        _ => u64::MAX,
    }
}
