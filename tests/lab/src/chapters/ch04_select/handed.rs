//! The descriptors that the kernel is handed at each wait.

use std::os::fd::AsFd;

use anyhow::Context;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{pipe, write};
use suite::number;

use crate::world::{Wait, Waits};
use crate::{Evidence, Lab};

/// select alone. It counts from 0 on, so that the three standard descriptors are among those that it is handed.
pub(super) fn to_select(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // One active client, the listener.
    let others = 3 + 2;
    let (select, idle) = by_idle(lab, 4, "select", others, evidence)?;
    // Two sets, for reading and for writing, in longs.
    let sets = 2 * 8 * (idle + others).div_ceil(64);
    let what = "bytes of two bitmaps, copied in each time";
    evidence.count(what, select.bytes_in, sets);
    evidence.count("and copied out each time", select.bytes_out, sets);
    Ok(())
}

/// select, poll and epoll, one after the other.
pub(super) fn to_each(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    to_select(lab, evidence)?;
    // One active client, the listener, the signal.
    let (poll, idle) = by_idle(lab, 5, "poll", 3, evidence)?;
    let what = "bytes of all entries, copied in each time";
    evidence.count(what, poll.bytes_in, 8 * (idle + 3));
    evidence.count("of 100 ready entries, told by one poll", all_ready()?, 100);
    let (epoll, _) = by_idle(lab, 6, "epoll", 0, evidence)?;
    let what = "bytes copied out each time, in one event";
    evidence.count(what, epoll.bytes_out, size_of::<libc::epoll_event>());
    Ok(())
}

/// Notes what a stage's wait is handed for one client, next to more and more that are silent: as many descriptors as
/// there are, and `others`; of epoll none. Returns the last of the waits, and how many were silent.
fn by_idle(
    lab: &Lab,
    stage: u8,
    name: &str,
    others: usize,
    evidence: &mut Evidence,
) -> anyhow::Result<(Wait, usize)> {
    let mut last = None;
    for wanted in [10, 100, 1_000] {
        let idle = evidence.room("idle clients", wanted);
        let wait = Waits::beside(lab, stage, idle, 20)?.each()?;
        let expected = if others == 0 { 0 } else { idle + others };
        let what = format!("{name}, {} idle: descriptors for 1 ready", number(idle));
        evidence.count(what, wait.submitted / wait.ready, expected);
        last = Some((wait, idle));
    }
    last.context("there was no wait")
}

/// Returns how many entries a poll reports when all are ready: it does not stop at the first.
fn all_ready() -> anyhow::Result<i32> {
    let (reader, writer) = pipe()?;
    write(&writer, b"x")?;
    let mut fds = vec![PollFd::new(reader.as_fd(), PollFlags::POLLIN); 100];
    Ok(poll(&mut fds, PollTimeout::ZERO)?)
}
