//! Probes with something in short supply.

use suite::{Client, Faults, Log, Server, Subject};

use super::crowds::count;
use super::{Fate, Found, fate, served, soon};
use crate::show::Tone;
use crate::world::attempt;

pub(in crate::matrix) fn descriptors(subject: &Subject) -> Found {
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
    let (inside, shed) = count(&server, &clients);
    if inside == clients.len() {
        return served("all 60 clients are served: the server itself holds none of them");
    }
    if shed > 0 {
        return Found::new(
            "shed",
            Tone::Warn,
            format!("{inside} are served, the others turned away"),
        );
    }
    let asked = clients
        .last()
        .map_or(0, |waiting| accepts_beside(&server, waiting));
    let mut clients = clients.into_iter();
    drop(clients.next());
    let next = clients.nth(inside.saturating_sub(1));
    let let_in =
        next.is_some_and(|client| soon(&server, || client.is_readable(0)) && client.has_bytes());
    match (let_in, asked, inside) {
        (_, 50.., _) => Found::new(
            "spins",
            Tone::Bad,
            format!("accept fails {asked} times in 0.2 s"),
        ),
        (false, ..) => Found::new(
            "stuck",
            Tone::Bad,
            "a client leaves, and nobody is let in for it",
        ),
        (_, _, 1) => Found::new(
            "turns",
            Tone::Good,
            "one at a time, as always: the limit is never met",
        ),
        _ => Found::new(
            "queue",
            Tone::Good,
            format!("{inside} are served; when one leaves, the next is let in"),
        ),
    }
}

/// Calls of accept that fail for want of a descriptor while nothing comes to a client that waits: a server
/// that pauses makes a few, one that spins makes thousands.
fn accepts_beside(server: &Server, waiting: &Client) -> usize {
    let tracer = server.trace();
    waiting.is_readable(200);
    let calls = tracer.finish();
    let in_vain = calls.iter().filter(|call| {
        call.name().starts_with("accept") && call.result == -i64::from(libc::EMFILE)
    });
    in_vain.count()
}

pub(in crate::matrix) fn tasks(subject: &Subject) -> Found {
    let faults = Faults {
        no_tasks: true,
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    // The second one is answered by a server that goes on, or refused when it has ended; the first one
    // cannot tell them apart.
    let fates = attempt(|| {
        let fate_of_next = |_| fate(&server, &server.connect());
        (0..3).map(fate_of_next).collect::<Vec<_>>()
    });
    let fates = match fates {
        Ok(fates) => fates,
        Err(_) if soon(&server, || !server.is_alive()) => {
            return Found::new("dies", Tone::Bad, "the server has ended");
        }
        Err(error) => panic!("{error:#}"),
    };
    if fates.contains(&Fate::Waits) {
        return Found::new(
            "waits",
            Tone::Bad,
            "the client waits for what nobody gives it",
        );
    }
    match (fates.contains(&Fate::Shed), server.is_alive()) {
        (false, _) => served("no task is needed for a client"),
        (true, true) => Found::new(
            "shed",
            Tone::Warn,
            "the client is turned away, the server goes on",
        ),
        (true, false) => Found::new("dies", Tone::Bad, "the server has ended"),
    }
}

pub(in crate::matrix) fn deaf(subject: &Subject) -> Found {
    if !outlives_its_log(subject, Log::Closed) {
        let sentence = "without a descriptor or a task to be had, and with its log closed, it ends";
        return Found::new("dies", Tone::Bad, sentence);
    }
    if !outlives_its_log(subject, Log::Full) {
        let sentence = "it stands still until somebody reads what it says";
        return Found::new("blocks", Tone::Bad, sentence);
    }
    let sentence = "a log that nobody reads is no reason to end, or to stand still";
    Found::new("lives", Tone::Good, sentence)
}

/// Whether a server goes on that has something to say, and nobody reads it.
fn outlives_its_log(subject: &Subject, log: Log) -> bool {
    const DESCRIPTORS: usize = 32;
    let faults = Faults {
        descriptors: Some(DESCRIPTORS as u64),
        no_tasks: true,
        log,
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let fate_of_last = attempt(|| {
        let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
        // It has had to say something once a client is turned away, or once it sleeps without a
        // descriptor for the next.
        soon(&server, || {
            let process = server.process();
            let is_full = process.descriptor_count() == DESCRIPTORS && process.state() == 'S';
            is_full || clients.iter().any(|client| client.is_readable(0))
        });
        drop(clients);
        fate(&server, &server.connect())
    });
    match fate_of_last {
        // The last one may be turned away, for want of a task: what counts is that somebody does that.
        Ok(fate) => fate != Fate::Waits && server.is_alive(),
        Err(_) if soon(&server, || !server.is_alive()) => false,
        Err(error) => panic!("{error:#}"),
    }
}
