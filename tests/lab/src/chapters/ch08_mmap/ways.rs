//! Six ways to get a file's bytes into a socket.

use std::fs::File;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use anyhow::{Context, bail, ensure};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::fcntl::{SpliceFFlags, splice};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::sendfile::sendfile;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::unistd::pipe;
use suite::deadline;

use crate::world::Pages;

/// The file to send, and its destination.
pub(super) struct Delivery<'a> {
    /// The file, as long as its mapping.
    pub(super) file: &'a File,
    /// Its mapping.
    pub(super) pages: &'a Pages,
    /// An end of a connection, with room for the whole file.
    pub(super) socket: &'a TcpStream,
}

/// Queues all bytes of the file, and returns anything that it learnt on the way.
pub(super) type Way = fn(&Delivery) -> anyhow::Result<Option<&'static str>>;

/// read(2) copies into the program, send(2) into the socket's buffer.
pub(super) fn read_and_send(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let mut bytes = vec![0; delivery.pages.length()];
    delivery.file.read_exact_at(&mut bytes, 0)?;
    send(delivery, bytes.as_ptr().cast(), 0)?;
    Ok(None)
}

/// send(2) copies out of the mapping.
pub(super) fn map_and_send(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    send(delivery, delivery.pages.address(), 0)?;
    Ok(None)
}

/// sendfile(2) queues the pages themselves.
pub(super) fn send_file(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let mut at = 0;
    in_parts(delivery, |rest| {
        sendfile(delivery.socket, delivery.file, Some(&mut at), rest)
    })
}

/// splice(2) moves references to the pages into a pipe, and out of it into the socket.
pub(super) fn splice_file(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let (from, to) = pipe()?;
    let (mut at, none) = (0, SpliceFFlags::empty());
    in_parts(delivery, |rest| {
        let moved = splice(delivery.file, Some(&mut at), &to, None, rest, none)?;
        drain(&from, delivery.socket, moved)
    })
}

/// vmsplice(2) puts references to the mapping's pages into a pipe, splice(2) moves them on.
pub(super) fn splice_mapping(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let (from, to) = pipe()?;
    let pages = delivery.pages;
    in_parts(delivery, |rest| {
        let start = pages.address().wrapping_byte_add(pages.length() - rest);
        let part = libc::iovec {
            iov_base: start.cast_mut(),
            iov_len: rest,
        };
        // SAFETY: the kernel takes references to pages; memory freed and reused while queued would send other bytes.
        // The mapping outlives the call, and its pages belong to the file.
        let moved = unsafe { libc::vmsplice(to.as_raw_fd(), &raw const part, 1, 0) };
        let moved = Errno::result(moved)?.cast_unsigned();
        drain(&from, delivery.socket, moved)
    })
}

/// MSG_ZEROCOPY makes send(2) take references to the mapping's pages, too; a completion reports the outcome.
pub(super) fn send_zerocopy(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let yes: libc::c_int = 1;
    let size = size_of_val(&yes) as libc::socklen_t;
    let (fd, level, option) = (
        delivery.socket.as_raw_fd(),
        libc::SOL_SOCKET,
        libc::SO_ZEROCOPY,
    );
    // SAFETY: the kernel reads an int through the pointer; a shorter object would be overrun, and this one is an int.
    let set = unsafe { libc::setsockopt(fd, level, option, (&raw const yes).cast(), size) };
    Errno::result(set).context("SO_ZEROCOPY")?;
    send(delivery, delivery.pages.address(), libc::MSG_ZEROCOPY)?;
    completion(delivery.socket).map(Some)
}

/// Waits until the kernel reports the one send with MSG_ZEROCOPY that is under way, in the socket's error queue. Returns
/// `copied`, or `not copied`.
fn completion(socket: &TcpStream) -> anyhow::Result<&'static str> {
    // linux/errqueue.h
    const ORIGIN_ZEROCOPY: u8 = 5;
    const CODE_COPIED: u8 = 1;
    let limit = u16::try_from(deadline().as_millis()).unwrap_or(u16::MAX);
    // The kernel reports POLLERR unasked.
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::empty())];
    let ready = poll(&mut fds, PollTimeout::from(limit))?;
    ensure!(ready == 1, "no completion arrived");
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
    bail!("the error queue holds something other than a completion")
}

/// Sends everything with one send(2): the socket has room, and would wait if it had none.
fn send(delivery: &Delivery, start: *const libc::c_void, flags: i32) -> anyhow::Result<()> {
    let (socket, length) = (delivery.socket.as_raw_fd(), delivery.pages.length());
    // SAFETY: the kernel reads from the address, and freed memory would send something else's bytes; all callers'
    // memory outlives the call. MSG_ZEROCOPY reads later, too: then the memory is a file's, and stays.
    let sent = unsafe { libc::send(socket, start, length, flags) };
    let sent = Errno::result(sent).context("send")?;
    ensure!(
        sent.cast_unsigned() == length,
        "only {sent} bytes were sent"
    );
    Ok(())
}

/// Moves up to `length` bytes from a pipe into a socket, and returns how many it moved.
fn drain(pipe: &OwnedFd, socket: &TcpStream, length: usize) -> nix::Result<usize> {
    let mut rest = length;
    while rest > 0 {
        rest -= splice(pipe, None, socket, None, rest, SpliceFFlags::empty())?;
    }
    Ok(length)
}

/// Calls `part` with the rest of the file until nothing is left; `part` returns how many bytes it moved.
fn in_parts(
    delivery: &Delivery,
    mut part: impl FnMut(usize) -> nix::Result<usize>,
) -> anyhow::Result<Option<&'static str>> {
    let mut rest = delivery.pages.length();
    while rest > 0 {
        let moved = part(rest)?;
        ensure!(moved > 0, "the file ends {rest} bytes too early");
        rest -= moved;
    }
    Ok(None)
}
