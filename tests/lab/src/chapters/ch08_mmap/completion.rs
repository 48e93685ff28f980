//! The end of a send with MSG_ZEROCOPY: the kernel reports it in the socket's error queue.

use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};

use anyhow::{Context, bail, ensure};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use suite::deadline;

/// The origin of a completion, in linux/errqueue.h.
const ORIGIN_ZEROCOPY: u8 = 5;
/// It was copied after all, likewise.
const CODE_COPIED: u8 = 1;

/// Lets a socket have MSG_ZEROCOPY.
pub(super) fn allow(socket: &TcpStream) -> anyhow::Result<()> {
    let yes: libc::c_int = 1;
    let size = size_of_val(&yes) as libc::socklen_t;
    let (fd, level) = (socket.as_raw_fd(), libc::SOL_SOCKET);
    // SAFETY: the kernel reads an int through the pointer, which is what it points to.
    let set =
        unsafe { libc::setsockopt(fd, level, libc::SO_ZEROCOPY, (&raw const yes).cast(), size) };
    Errno::result(set).context("SO_ZEROCOPY")?;
    Ok(())
}

/// Waits for the completion of the one send that is under way: `copied`, or `not copied`.
pub(super) fn wait(socket: &TcpStream) -> anyhow::Result<&'static str> {
    let limit = u16::try_from(deadline().as_millis()).unwrap_or(u16::MAX);
    // POLLERR is reported without being asked for.
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::empty())];
    let ready = poll(&mut fds, PollTimeout::from(limit))?;
    ensure!(ready == 1, "no completion came");
    let mut space = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in);
    let flags = MsgFlags::MSG_ERRQUEUE;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut [], Some(&mut space), flags)?;
    for part in message.cmsgs()? {
        if let ControlMessageOwned::Ipv4RecvErr(error, _) = part
            && error.ee_origin == ORIGIN_ZEROCOPY
        {
            return Ok(match error.ee_code {
                CODE_COPIED => "copied",
                _ => "not copied",
            });
        }
    }
    bail!("the error queue holds something else than a completion")
}
