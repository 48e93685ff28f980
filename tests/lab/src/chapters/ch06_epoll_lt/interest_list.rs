//! The interest list: which files it takes, what an entry is, and how long it stays.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;

use nix::sys::eventfd::EventFd;
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::chapters::ch04_select::value::{select_at_once, set_of};
use crate::world::{Watcher, outcome, polled};
use crate::{Evidence, Lab};

/// An entry belongs to an open file, not to a number. It stays while any copy of the descriptor is open, and its event
/// bears what was registered, whatever has that number now (C37).
pub(super) fn a_number_that_was_closed(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let lines = [
        ("original closed, its copy written to: events", "1"),
        ("the number in that event now belongs to", "another file"),
        ("events of that file, by poll", "0"),
        ("taking the entry off by that number", "ENOENT"),
        ("events once the copy is closed, too", "0"),
    ];
    evidence.hear(&mut lab.specimen("closed-number", &[])?, &lines)
}

/// The specimen of [`a_number_that_was_closed`]: in a process of one thread, the number that was closed is the
/// next to be given out.
pub(super) fn closed_number(_: &[String]) -> anyhow::Result<()> {
    let number = |fd: &EventFd| fd.as_fd().as_raw_fd().unsigned_abs().into();
    let watcher = Watcher::new()?;
    let original = EventFd::new()?;
    // The number serves as the token, as in many programs.
    watcher.watch_input(&original, number(&original))?;
    let copy = original.as_fd().try_clone_to_owned()?;
    drop(original);
    let other = EventFd::new()?;
    nix::unistd::write(&copy, &1_u64.to_ne_bytes())?;
    let ready = watcher.ready(8)?;
    println!("{}", ready.len());
    let is_others = ready.first() == Some(&number(&other));
    println!("{}", if is_others { "another file" } else { "nobody" });
    println!("{}", polled(&other)?);
    println!("{}", outcome(&watcher.0.delete(&other), "done"));
    drop(copy);
    println!("{}", watcher.ready(8)?.len());
    Ok(())
}

/// poll and epoll mean the same by “ready”, but epoll takes no regular files (C1).
pub(super) fn beside_poll(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (mut near, far) = UnixStream::pair()?;
    let watcher = Watcher::new()?;
    watcher.watch_input(&far, 0)?;
    near.write_all(b"unread")?;
    let (mut by_poll, mut by_epoll) = (0, 0);
    for _ in 0..3 {
        by_poll += polled(&far)?;
        by_epoll += watcher.ready(1)?.len();
    }
    evidence.count("3 waits next to unread data: ready by poll", by_poll, 3);
    evidence.count("and by epoll, level-triggered", by_epoll, 3);
    // A file in memory is a regular file, whatever disks this machine has.
    let file = memfd_create(c"regular", MFdFlags::MFD_CLOEXEC)?;
    let refused = outcome(&watcher.watch_input(&file, 1), "done");
    evidence.outcome("a regular file: put on epoll's list", refused, "EPERM");
    evidence.count("handed to poll: ready", polled(&file)?, 1);
    let ready = select_at_once(&mut set_of(&[file.as_raw_fd()]))?;
    evidence.count("handed to select: ready", ready, 1);
    Ok(())
}

/// A file that epoll can watch has a wait queue. It need not be a device, and a device need not have one (C39).
pub(super) fn without_a_device(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (pipe, mut into_pipe) = io::pipe()?;
    let (socket, mut into_socket) = UnixStream::pair()?;
    let counter = EventFd::new()?;
    let events = events_of(pipe.as_fd(), || into_pipe.write_all(b"x"))?;
    evidence.count("a pipe, written to: events", events, 1);
    let events = events_of(socket.as_fd(), || into_socket.write_all(b"x"))?;
    evidence.count("a local socket, written to: events", events, 1);
    let events = events_of(counter.as_fd(), || Ok(counter.write(1).map(drop)?))?;
    evidence.count("an eventfd, written to: events", events, 1);
    let null = File::open("/dev/null")?;
    let refused = outcome(&Watcher::new()?.watch_input(&null, 0), "done");
    evidence.outcome("/dev/null, put on the list", refused, "EPERM");
    let all = [pipe.as_fd(), socket.as_fd(), counter.as_fd(), null.as_fd()];
    let devices = all.map(|fd| if is_device(fd) { "yes" } else { "no" });
    let what = "do these four have a device's driver?";
    evidence.outcome(what, devices.join(", "), "no, no, no, yes");
    Ok(())
}

/// Returns how many events a descriptor causes when it is written to after going on a list.
fn events_of(fd: BorrowedFd<'_>, write: impl FnOnce() -> io::Result<()>) -> anyhow::Result<usize> {
    let watcher = Watcher::new()?;
    watcher.watch_input(fd, 0)?;
    write()?;
    Ok(watcher.ready(2)?.len())
}

fn is_device(fd: BorrowedFd<'_>) -> bool {
    let file = fd.try_clone_to_owned().map(File::from);
    let kind = file.and_then(|file| Ok(file.metadata()?.file_type()));
    kind.is_ok_and(|kind| kind.is_char_device() || kind.is_block_device())
}
