//! A network that nobody else is in: a loopback interface, with all of its ports.

use std::io;
use std::mem;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

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
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC)?;
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    let socket = socket(family, SockType::Datagram, flags, None)?;
    // SAFETY: all bytes of it may be zero: it is a name, and numbers.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the kernel reads the request through the pointer, and anything else there would be a hazard: it is a local
    // variable.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    Ok(Errno::result(done).map(drop)?)
}
