//! The interest list: what an entry is, and how long it stays.

use std::os::fd::{AsFd, AsRawFd};

use nix::sys::eventfd::EventFd;

use super::watcher::{Watcher, polled};
use crate::world::outcome;
use crate::{Evidence, Lab};

/// An entry is an open file's, and not a number's: it stays while a copy of the descriptor is open, and
/// its event bears what was registered, whoever has that number now (C37).
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
    // A number as the token, as many a program does it.
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
    println!("{}", outcome(&watcher.epoll().delete(&other), "done"));
    drop(copy);
    println!("{}", watcher.ready(8)?.len());
    Ok(())
}
