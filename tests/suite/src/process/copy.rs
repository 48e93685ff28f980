//! Copies of what a process has open.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::Process;

/// A copy of the descriptor `number` of another process: both name the same open socket, so that what
/// is read here is missing there (pidfd_getfd(2)).
///
/// # Errors
///
/// Returns the errors of pidfd_open(2) and pidfd_getfd(2).
pub fn duplicate(process: Process, number: i32) -> io::Result<OwnedFd> {
    let pid = process.pid().as_raw();
    let pidfd = new_descriptor(libc::SYS_pidfd_open, pid, 0)?;
    new_descriptor(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), number)
}

fn new_descriptor(call: i64, first: i32, second: i32) -> io::Result<OwnedFd> {
    // SAFETY: a call that takes an address could be meant; the two that are made here take numbers.
    match unsafe { libc::syscall(call, first, second, 0) } {
        -1 => Err(io::Error::last_os_error()),
        // SAFETY: closing a descriptor that belongs to somebody else would be a hazard; this one is
        // new, and nobody else's.
        number => Ok(unsafe { OwnedFd::from_raw_fd(number as i32) }),
    }
}
