//! The interest list: what an entry is, and how long it stays.

use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;

use super::watcher::{Watcher, outcome};
use crate::{Evidence, Lab};

/// An entry is an open file's, and not a number's: it stays while a copy of the descriptor is open, and
/// its event bears what was registered, whoever has that number now (C37).
pub(super) fn a_number_that_was_closed(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let mut specimen = lab.specimen("closed-number", &[])?;
    let events = specimen.hear()?.parse()?;
    evidence.count("original closed, its copy written to: events", events, 1);
    let (whose, ready) = (specimen.hear()?, specimen.hear()?.parse()?);
    evidence.outcome(
        "the number in that event now belongs to",
        whose,
        "another file",
    );
    evidence.count("events of that file, by poll", ready, 0);
    evidence.outcome(
        "taking the entry off by that number",
        specimen.hear()?,
        "ENOENT",
    );
    let events = specimen.hear()?.parse()?;
    evidence.count("events once the copy is closed, too", events, 0);
    Ok(())
}

/// The specimen of [`a_number_that_was_closed`]: in a process of one thread, the number that was closed is the
/// next to be given out.
pub(super) fn closed_number(_: &[String]) -> anyhow::Result<()> {
    let watcher = Watcher::new()?;
    let original = EventFd::new()?;
    // A number as the token, as many a program does it.
    let token = number(&original);
    watcher.watch_input(&original, token)?;
    let copy = original.as_fd().try_clone_to_owned()?;
    drop(original);
    let other = EventFd::new()?;
    nix::unistd::write(&copy, &1_u64.to_ne_bytes())?;
    let ready = watcher.ready(8)?;
    println!("{}", ready.len());
    let is_others = ready.first() == Some(&number(&other));
    println!("{}", if is_others { "another file" } else { "nobody" });
    let mut entry = [PollFd::new(other.as_fd(), PollFlags::POLLIN)];
    println!("{}", poll(&mut entry, PollTimeout::ZERO)?);
    println!("{}", outcome(watcher.epoll().delete(&other)));
    drop(copy);
    println!("{}", watcher.ready(8)?.len());
    Ok(())
}

fn number(fd: &EventFd) -> u64 {
    fd.as_fd().as_raw_fd().unsigned_abs().into()
}
