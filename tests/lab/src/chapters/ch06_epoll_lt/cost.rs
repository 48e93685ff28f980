//! The cost of a wait next to few clients and next to many, counted in descriptors that go in and come out.

use std::ops::RangeInclusive;

use suite::{eventually, leave, net, number};

use crate::world::{Wait, Waits, named};
use crate::{Evidence, Lab};

/// The number of echoes watched. One would do, because all are alike.
const ECHOES: usize = 10;
/// Idle clients of a crowd.
const MANY: usize = 1_000;
/// As many as fit into select's set.
const FOR_SELECT: usize = 900;

/// The lesson's first step: the same echo at three stages, each next to a crowd of silent clients.
pub(super) fn the_same_echo(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let room = evidence.room("idle", MANY);
    for (stage, name, idle) in [
        (4, "select", room.min(FOR_SELECT)),
        (5, "poll", room),
        (6, "epoll", room),
    ] {
        let waits = Waits::beside(lab, stage, idle, ECHOES)?;
        let wait = waits.each()?;
        let what = format!("{name}, {} idle: descriptors handed in", number(idle));
        evidence.count(what, wait.submitted, handed_in(name, idle));
        evidence.count("and coming out, ready", wait.ready, 1);
        let copied = number(wait.bytes_in + wait.bytes_out);
        evidence.aside("and bytes copied for it, in and out", copied);
        if name == "epoll" {
            let what = "and on the list that the kernel keeps";
            evidence.count(what, waits.registered, a_few_more(idle));
        }
    }
    Ok(())
}

/// Returns how many descriptors a server hands in, next to `idle` clients and an active one.
fn handed_in(name: &str, idle: usize) -> RangeInclusive<usize> {
    match name {
        "epoll" => 0..=0,
        _ => a_few_more(idle),
    }
}

/// Returns the range of the idle clients, the active one, and the server's own descriptors: listener, signal, standard
/// streams.
const fn a_few_more(idle: usize) -> RangeInclusive<usize> {
    idle + 1..=idle + 8
}

/// poll receives all of them, however many are idle; epoll receives none, and returns the one (C2).
pub(super) fn beside_more_and_more(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let many = evidence.room("idle", MANY);
    let mut events = 0;
    for (stage, name) in [(5, "poll"), (6, "epoll")] {
        let server = lab.start(stage)?;
        let active = server.crowd(1);
        let mut idle = Vec::new();
        for clients in [10, many.min(100), many] {
            idle.extend(server.crowd(clients - idle.len()));
            let wait = Waits::of(&server, &active[0], ECHOES).each()?;
            let what = format!("{name}, {} idle, 1 active: handed in", number(clients));
            evidence.count(what, wait.submitted, handed_in(name, clients));
            events += wait.ready;
        }
        leave(idle);
    }
    evidence.count("events that come out, one in each case", events, 6);
    Ok(())
}

/// When all are active, poll receives no more than it finds; and short connections pay for going on epoll's list (C18).
pub(super) fn when_all_are_active(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const CLIENTS: usize = 100;
    for (stage, name) in [(5, "poll"), (6, "epoll")] {
        let waits = all_at_once(lab, stage, CLIENTS)?;
        let sum = |figure: fn(&Wait) -> u64| waits.iter().map(figure).sum::<u64>();
        let (events, submitted) = (sum(|wait| wait.ready), sum(|wait| wait.submitted));
        let what = format!("{name}, 100 of 100 active: events");
        evidence.count(what, events, CLIENTS);
        let what = format!("{name}: descriptors handed in for them");
        evidence.count(what, submitted, handed_in(name, CLIENTS));
    }
    for (stage, name, expected) in [(5, "poll", 0), (6, "epoll", 20)] {
        let told = told_of_short_connections(lab, stage, 20)?;
        let what = format!("{name}, 20 short connections: epoll_ctl");
        evidence.count(what, told, expected);
    }
    Ok(())
}

/// Returns the waits of a stage whose clients have all sent something before it looks.
fn all_at_once(lab: &Lab, stage: u8, clients: usize) -> anyhow::Result<Vec<Wait>> {
    let server = lab.start(stage)?;
    let clients = server.crowd(clients);
    server.stop();
    clients.iter().for_each(|client| client.send(b"now"));
    eventually("all clients to be heard", || {
        net::unread_connections(server.address()) == clients.len()
    });
    let tracer = server.trace();
    server.go_on();
    clients.iter().for_each(|client| drop(client.receive(3)));
    let calls = tracer.finish();
    leave(clients);
    Ok(calls.iter().filter_map(Wait::of).collect())
}

/// Returns how often a stage calls epoll_ctl for clients that come one after the other, say a word, and leave.
fn told_of_short_connections(lab: &Lab, stage: u8, clients: usize) -> anyhow::Result<usize> {
    let server = lab.start(stage)?;
    server.connect().echo(b"first");
    eventually("the client to be gone", || {
        server.process().sockets().len() == 1
    });
    let tracer = server.trace();
    (0..clients).for_each(|_| server.connect().echo(b"a word"));
    tracer.wait_until(|calls| named(calls, "close") >= clients)?;
    Ok(named(&tracer.finish(), "epoll_ctl"))
}
