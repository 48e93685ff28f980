//! A wait of select: what goes in, and what comes back.

use std::os::fd::AsFd;
use std::sync::mpsc::channel;

use anyhow::Context;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{pipe, write};
use suite::{Client, Server, deadline, eventually, net, number};

use crate::world::handed::set;
use crate::world::{Wait, Waits, in_a_row};
use crate::{Evidence, Lab};

/// select alone. It counts from 0, so the three standard descriptors are among those handed in.
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

/// Notes how many descriptors a stage's wait receives for one client, next to more and more silent ones: all of them
/// and `others`, or none with epoll. Returns the last wait, and how many clients were silent.
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
    last.context("no wait was recorded")
}

/// Returns how many entries a poll reports when all are ready, because it does not stop at the first.
fn all_ready() -> anyhow::Result<i32> {
    let (reader, writer) = pipe()?;
    write(&writer, b"x")?;
    let mut fds = vec![PollFd::new(reader.as_fd(), PollFlags::POLLIN); 100];
    Ok(poll(&mut fds, PollTimeout::ZERO)?)
}

/// The set that comes back, read from the server's memory, names every client that has sent.
pub(super) fn the_set_says_which(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(4)?;
    let clients: Vec<_> = (0..8).map(|_| arrive(&server)).collect();
    let (wake, woken) = channel();
    // Nothing is ever sent on it; it fails once the other end is dropped.
    let (gate, opened) = channel::<()>();
    // Reports the set of each select that found something, at the moment of its return, and holds the server there
    // until the gate opens or the experiment ends.
    let tracer = server.trace_with(move |call| {
        if matches!(call.name(), "select" | "pselect6") && call.result > 0 {
            let _ = wake.send(set(call, 1));
            let _ = opened.recv();
        }
    });
    let gate = gate; // which is dropped before the tracer, because the tracer waits for the server
    let next_set = || {
        let set = woken.recv_timeout(deadline());
        set.context("the server did not wake up")?.map(in_a_row)
    };
    let one = &clients[5];
    let (two, three) = (&clients[1], &clients[6]);
    one.0.send(b"I");
    let first = next_set()?;
    // While the server is held at the first client's wake-up, the others' bytes arrive.
    two.0.send(b"I");
    three.0.send(b"I");
    eventually("all bytes to arrive", || {
        net::unread_connections(server.address()) == 3
    });
    drop(gate);
    for (client, _) in [one, two, three] {
        client.receive(1);
    }
    drop(tracer);
    let what = format!("client on {} sends: bits set by select", one.1);
    evidence.outcome(what, first, &in_a_row([one.1]));
    let what = format!("clients on {} and {} send: bits set", two.1, three.1);
    evidence.outcome(what, next_set()?, &in_a_row([two.1, three.1]));
    let bits = size_of::<libc::fd_set>() * 8;
    evidence.count("bits that glibc's set has at all", bits, 1024);
    Ok(())
}

/// Returns a connected client and the server's descriptor for it.
fn arrive(server: &Server) -> (Client, i32) {
    let client = server.crowd(1).remove(0);
    let newest = server.process().sockets().into_iter().max();
    (client, newest.unwrap_or_default())
}
