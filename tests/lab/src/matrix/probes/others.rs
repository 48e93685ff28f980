//! Probes of one client's effect on another.

use std::thread;

use suite::{Client, Flood, PLENTY, Server, Subject, seen};

use super::{Fate, Found, fate, served};
use crate::show::Tone;

pub(in crate::matrix) fn silent(subject: &Subject) -> Found {
    let server = subject.start();
    let first = server.connect();
    first.echo(b"here");
    other(&server, "the silent one")
}

pub(in crate::matrix) fn stalled(subject: &Subject) -> Found {
    let server = subject.start();
    let never = server.connect().with_small_buffers();
    server.push(&never);
    other(&server, "the one that never reads")
}

/// Returns what becomes of another client.
fn other(server: &Server, first: &str) -> Found {
    let second = server.connect();
    match fate(server, &second) {
        Fate::Served => served(format!("the other client is served beside {first}")),
        Fate::Shed => Found::new("shed", Tone::Bad, "the other client is turned away"),
        Fate::Waits => Found::new(
            "waits",
            Tone::Bad,
            format!("the other client waits until {first} has left"),
        ),
    }
}

pub(in crate::matrix) fn memory(subject: &Subject) -> Found {
    /// Clients beyond the first: a page more or less does not count, divided by so many.
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
        sent = server
            .push_all(&clients[1..])
            .into_iter()
            .max()
            .unwrap_or(0);
    }
    let grown = seen(server.process().family_memory()).saturating_sub(before);
    of_memory(sent, (grown / 1024).div_ceil(clients.len() as u64))
}

fn of_memory(sent: usize, kib: u64) -> Found {
    if sent >= PLENTY {
        let sentence = "the server takes all that it is sent, though nobody reads it";
        return Found::new("no end", Tone::Bad, sentence);
    }
    let tone = if kib <= 64 { Tone::Good } else { Tone::Warn };
    Found::new(
        format!("{kib} K"),
        tone,
        format!("such a client costs {kib} KiB"),
    )
}

pub(in crate::matrix) fn flood(subject: &Subject) -> Found {
    /// So much of the flood may pass while another client waits; more, and that one is not served beside it.
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
        true => served("the other client's echoes come while the flood goes on"),
        false => Found::new(
            "waits",
            Tone::Bad,
            "the flood passes, and the other client waits",
        ),
    }
}

/// Whether something comes to a client before `enough`.
fn answered_meanwhile(client: &Client, enough: impl Fn() -> bool) -> bool {
    while !client.is_readable(2) {
        if enough() {
            // It may have come while nobody looked.
            return client.is_readable(0);
        }
    }
    true
}
