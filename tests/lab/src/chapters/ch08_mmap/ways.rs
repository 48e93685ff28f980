//! Six ways of a file's bytes to a socket.

use std::fs::File;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::fcntl::{SpliceFFlags, splice};
use nix::sys::sendfile::sendfile;
use nix::unistd::pipe;

use super::completion;
use super::pages::Pages;

/// The file that is sent, and where to.
pub(super) struct Delivery<'a> {
    /// The file, of as many bytes as its mapping has.
    pub(super) file: &'a File,
    /// Its mapping.
    pub(super) pages: &'a Pages,
    /// An end of a connection, which has room for all of it.
    pub(super) socket: &'a TcpStream,
}

/// Queues all bytes of the file, and says what it has learnt by the way, if anything.
pub(super) type Way = fn(&Delivery) -> anyhow::Result<Option<&'static str>>;

/// read(2) copies into the program, send(2) into the socket's buffer.
pub(super) fn read_and_send(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let mut bytes = vec![0; delivery.pages.length()];
    delivery.file.read_exact_at(&mut bytes, 0)?;
    send(delivery.socket, bytes.as_ptr().cast(), bytes.len(), 0)?;
    Ok(None)
}

/// send(2) copies out of the mapping.
pub(super) fn map_and_send(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let pages = delivery.pages;
    send(delivery.socket, pages.address(), pages.length(), 0)?;
    Ok(None)
}

/// sendfile(2) queues the pages themselves.
pub(super) fn send_file(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let mut at = 0;
    in_parts(delivery.pages.length(), |rest| {
        sendfile(delivery.socket, delivery.file, Some(&mut at), rest)
    })?;
    Ok(None)
}

/// splice(2) moves references to the pages into a pipe, and out of it into the socket.
pub(super) fn splice_file(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let (from, to) = pipe()?;
    let (mut at, none) = (0, SpliceFFlags::empty());
    in_parts(delivery.pages.length(), |rest| {
        let moved = splice(delivery.file, Some(&mut at), &to, None, rest, none)?;
        drain(&from, delivery.socket, moved)
    })?;
    Ok(None)
}

/// vmsplice(2) puts references to the mapping's pages into a pipe, splice(2) moves them on.
pub(super) fn splice_mapping(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    let (from, to) = pipe()?;
    let pages = delivery.pages;
    in_parts(pages.length(), |rest| {
        let part = libc::iovec {
            iov_base: pages
                .address()
                .wrapping_byte_add(pages.length() - rest)
                .cast_mut(),
            iov_len: rest,
        };
        // SAFETY: the kernel takes references to pages, which somebody could free and use for something else while
        // they are queued; the mapping outlives the call, and the pages are the file's.
        let moved = unsafe { libc::vmsplice(to.as_raw_fd(), &raw const part, 1, 0) };
        let moved = Errno::result(moved)?.cast_unsigned();
        drain(&from, delivery.socket, moved)
    })?;
    Ok(None)
}

/// MSG_ZEROCOPY has send(2) take references to the mapping's pages, too; a completion says what came of it.
pub(super) fn send_zerocopy(delivery: &Delivery) -> anyhow::Result<Option<&'static str>> {
    completion::allow(delivery.socket)?;
    let (pages, flags) = (delivery.pages, libc::MSG_ZEROCOPY);
    send(delivery.socket, pages.address(), pages.length(), flags)?;
    completion::wait(delivery.socket).map(Some)
}

/// One send(2) of all that is there: the socket has room for it, and waits if it has not.
fn send(
    socket: &TcpStream,
    address: *const libc::c_void,
    length: usize,
    flags: i32,
) -> anyhow::Result<()> {
    // SAFETY: the kernel reads from the address, and memory that was freed would send somebody else's bytes; both
    // callers' memory outlives the call. With MSG_ZEROCOPY it is read later, too: it is a file's then, and is kept.
    let sent = unsafe { libc::send(socket.as_raw_fd(), address, length, flags) };
    let sent = Errno::result(sent).context("send")?;
    ensure!(sent.cast_unsigned() == length, "{sent} bytes were sent");
    Ok(())
}

/// Moves `length` bytes from a pipe into a socket, and gives how many that were.
fn drain(pipe: &OwnedFd, socket: &TcpStream, length: usize) -> nix::Result<usize> {
    let mut rest = length;
    while rest > 0 {
        rest -= splice(pipe, None, socket, None, rest, SpliceFFlags::empty())?;
    }
    Ok(length)
}

/// Calls `part`, with what is left of `length` bytes, until nothing is; it gives how many it has moved.
fn in_parts(
    length: usize,
    mut part: impl FnMut(usize) -> nix::Result<usize>,
) -> anyhow::Result<()> {
    let mut rest = length;
    while rest > 0 {
        let moved = part(rest)?;
        ensure!(moved > 0, "the file ends {rest} bytes too early");
        rest -= moved;
    }
    Ok(())
}
