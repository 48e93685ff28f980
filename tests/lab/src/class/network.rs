//! A network that nobody else is in: a loopback interface, with all of its ports.

use std::io;
use std::mem;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Returns whether a process may have a network of its own here, which takes CAP_SYS_ADMIN.
pub(super) fn can_be_had() -> bool {
    let mut command = Command::new("true");
    enter(&mut command);
    command.status().is_ok()
}

/// Has `command` start in a network of its own.
pub(super) fn enter(command: &mut Command) {
    // SAFETY: this runs in a child that was forked from a process of several threads, one of which may hold the
    // allocator's lock. It makes system calls only, and allocates nothing.
    unsafe { command.pre_exec(make) };
}

/// Leaves the network that this process is in for a new one (network_namespaces(7)), and switches the loopback
/// interface of that on (netdevice(7)). System V's shared memory is new, too.
fn make() -> io::Result<()> {
    // SAFETY: it takes a number. What is open stays so.
    checked(unsafe { libc::unshare(libc::CLONE_NEWNET | libc::CLONE_NEWIPC) })?;
    // SAFETY: it takes numbers.
    let socket =
        checked(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: closing what somebody else owns would be a hazard; this descriptor is new.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    // SAFETY: all bytes of it may be zero: it is a name, and numbers.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the kernel reads the request through the pointer, and anything else there would be a hazard: it is a local
    // variable.
    checked(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) })?;
    Ok(())
}

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(result),
    }
}
