//! Probes of one client's effect on another.

use std::thread;

use suite::{Client, Flood, PLENTY, Server, Subject, seen};

use super::{Fate, Found, fate, found};
use crate::show::Tone;

pub(crate) fn silent(subject: &Subject) -> Found {
    let server = subject.start();
    let first = server.connect();
    first.echo(b"here");
    other(&server, "the silent one")
}

pub(crate) fn stalled(subject: &Subject) -> Found {
    /// The kernel asks a full client again and again, 200 ms after the first time, and may find room for a little more.
    /// Then a server that waits for this goes on for a moment.
    const TIMES: usize = 3;
    let server = subject.start();
    let never = server.connect().with_small_buffers();
    let look = || {
        server.push(&never);
        other(&server, "the one that never reads")
    };
    let mut looks = (1..TIMES).map(|_| look());
    looks
        .find(|found| found.word != "served")
        .unwrap_or_else(look)
}

/// Returns what happens to the other client.
fn other(server: &Server, first: &str) -> Found {
    match fate(server, &server.connect()) {
        Fate::Served => found(format!(
            "served: the other client is served next to {first}"
        )),
        Fate::Shed => found("shed: the other client is turned away").toned(Tone::Bad),
        Fate::Waits => found(format!(
            "waits: the other client waits until {first} has left"
        )),
    }
}

pub(crate) fn memory(subject: &Subject) -> Found {
    /// Clients beyond the first: divided by their number, a page more or less does not matter.
    const MORE: usize = 15;
    let server = subject.start();
    server.connect().echo(b"warm");
    let before = seen(server.process().family_memory());
    let mut clients = vec![server.connect().with_small_buffers()];
    let mut sent = server.push(&clients[0]);
    let second = server.connect().with_small_buffers();
    if sent < PLENTY && fate(&server, &second) == Fate::Served {
        clients.push(second);
        clients.extend((2..=MORE).map(|_| server.connect().with_small_buffers()));
        let others = server.push_all(&clients[1..]);
        sent = others.into_iter().max().unwrap_or(0);
    }
    if sent >= PLENTY {
        return found("no end: the server takes everything, though nobody reads its echoes");
    }
    let grown = seen(server.process().family_memory()).saturating_sub(before);
    let kib = (grown / 1024).div_ceil(clients.len() as u64);
    let tone = if kib <= 64 { Tone::Good } else { Tone::Warn };
    found(format!("{kib} K: such a client costs {kib} KiB")).toned(tone)
}

pub(crate) fn flood(subject: &Subject) -> Found {
    /// Bytes of the flood that may pass while another client waits; beyond that, the client counts as not served.
    const MEANWHILE: usize = 32 << 20;
    let server = subject.start();
    let flood = Flood::new(server.connect());
    let other = server.connect();
    let is_served = thread::scope(|scope| {
        let _end = flood.start(scope);
        (0..5).all(|_| {
            other.send(b"me too");
            let before = flood.echoed();
            let served = answered_meanwhile(&other, || flood.echoed() - before > MEANWHILE);
            if served {
                other.receive(6);
            }
            served
        })
    });
    match is_served {
        true => found("served: the other client's echoes come while the flood goes on"),
        false => found("waits: the flood passes, and the other client waits"),
    }
}

/// Returns whether something comes to a client before `enough`.
fn answered_meanwhile(client: &Client, enough: impl Fn() -> bool) -> bool {
    while !client.is_readable(2) {
        if enough() {
            // It may have come while nobody looked.
            return client.is_readable(0);
        }
    }
    true
}
