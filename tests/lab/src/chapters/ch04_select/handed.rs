//! The descriptors that the kernel is handed at each wait.

use std::mem::size_of;
use std::os::fd::AsFd;

use anyhow::Context;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{pipe, write};

use suite::number;

use crate::world::{Wait, Waits};
use crate::{Evidence, Lab};

/// How many clients are silent while one speaks.
const IDLE: [usize; 3] = [10, 100, 1_000];
const ECHOES: usize = 20;

/// select alone.
pub(super) fn to_select(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    select_by_idle(lab, evidence)?;
    Ok(())
}

/// select, poll and epoll beside each other.
pub(super) fn to_each(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    select_by_idle(lab, evidence)?;
    // One active client, the listener, the signal.
    let (poll, idle) = by_idle(lab, 5, "poll", 3, evidence)?;
    let entries = 8 * (idle + 3);
    evidence.count(
        "bytes of all entries, copied in each time",
        poll.bytes_in,
        entries,
    );
    evidence.count("of 100 ready entries, told by one poll", all_ready()?, 100);
    let (epoll, _) = by_idle(lab, 6, "epoll", 0, evidence)?;
    let event = size_of::<libc::epoll_event>() as u64;
    evidence.count(
        "bytes copied out each time, in one event",
        epoll.bytes_out,
        event,
    );
    Ok(())
}

/// select counts from 0 on, so that the three standard descriptors are among those that it is handed.
fn select_by_idle(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // One active client, the listener.
    let others = 3 + 2;
    let (select, idle) = by_idle(lab, 4, "select", others, evidence)?;
    // Two sets, for reading and for writing, in longs.
    let sets = 2 * 8 * (idle + others).div_ceil(64);
    evidence.count(
        "bytes of two bitmaps, copied in each time",
        select.bytes_in,
        sets,
    );
    evidence.count("and copied out each time", select.bytes_out, sets);
    Ok(())
}

/// Notes what a stage's wait is handed for one client, next to more and more that are silent: as many descriptors as
/// there are, and `others`; of epoll none. Gives the last of the waits, and how many were silent.
fn by_idle(
    lab: &Lab,
    stage: u8,
    name: &str,
    others: u64,
    evidence: &mut Evidence,
) -> anyhow::Result<(Wait, u64)> {
    let mut last = None;
    for wanted in IDLE {
        let room = evidence.room("idle clients", wanted);
        let waits = Waits::beside(lab, stage, room, ECHOES)?;
        let idle = room as u64;
        let what = format!("{name}, {} idle: descriptors for 1 ready", number(idle));
        let expected = if others == 0 { 0 } else { idle + others };
        let wait = waits.each()?;
        evidence.count(what, wait.submitted / wait.ready, expected);
        last = Some((wait, idle));
    }
    last.context("there was no wait")
}

/// How many entries a poll reports when all are ready: it does not stop at the first.
fn all_ready() -> anyhow::Result<u64> {
    let (reader, writer) = pipe()?;
    write(&writer, b"x")?;
    let mut fds = vec![PollFd::new(reader.as_fd(), PollFlags::POLLIN); 100];
    Ok(poll(&mut fds, PollTimeout::ZERO)? as u64)
}
