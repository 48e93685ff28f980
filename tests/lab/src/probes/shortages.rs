//! Probes with a shortage of something.

use std::time::Instant;

use suite::{Call, Client, Log, Server, Subject, deadline};

use super::crowds::count;
use super::{Fate, Found, fate, found, has_ended, soon, start_under};
use crate::world::attempt;

pub(crate) fn descriptors(subject: &Subject) -> Found {
    let server = start_under(subject, |faults| faults.descriptors = Some(32));
    let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
    let (inside, shed) = count(&server, &clients);
    if inside == clients.len() {
        return found("served: all 60 clients are served: the server itself holds none of them");
    }
    if shed > 0 {
        return found(format!("shed: {inside} are served, the others turned away"));
    }
    let spins = clients
        .last()
        .is_some_and(|waiting| spins_beside(&server, waiting));
    let mut clients = clients.into_iter();
    drop(clients.next());
    let next = clients.nth(inside.saturating_sub(1));
    let let_in =
        next.is_some_and(|client| soon(&server, || client.is_readable(0)) && client.has_bytes());
    match (let_in, spins, inside) {
        (_, true, _) => found("spins: accept fails again and again, and it does not pause"),
        (false, ..) => found("stuck: a client leaves, and nobody is let in for it"),
        (_, _, 1) => found("turns: one at a time, as always, so the limit is never reached"),
        _ => found(format!(
            "queue: {inside} are served; when one leaves, the next is let in"
        )),
    }
}

/// Returns whether calls of accept fail again and again for lack of a descriptor while a client waits in vain: a server
/// that pauses makes a few, one that spins makes thousands.
fn spins_beside(server: &Server, waiting: &Client) -> bool {
    const MANY: usize = 50;
    const LOOKS: usize = 10;
    let (tracer, began) = (server.trace(), Instant::now());
    let is_refused = |call: &&Call| call.is_refused_accept();
    let spins = || tracer.calls().iter().filter(is_refused).count() >= MANY;
    let mut asleep = 0;
    // Only a look that finds it asleep counts: on a busy machine, one that spins may hardly get to run.
    while !spins() && asleep < LOOKS && began.elapsed() < deadline() {
        waiting.is_readable(20);
        asleep += usize::from(server.process().state() == 'S');
    }
    spins()
}

pub(crate) fn tasks(subject: &Subject) -> Found {
    let server = start_under(subject, |faults| faults.no_tasks = true);
    // The second one is answered by a server that goes on, or refused when it has ended; the first one
    // cannot tell them apart.
    let fates = unless_it_ends(&server, || {
        [(); 3].map(|()| fate(&server, &server.connect()))
    });
    match fates {
        Some(fates) if fates.contains(&Fate::Waits) => {
            found("waits: the client waits for a task that never comes")
        }
        Some(fates) if fates == [Fate::Served; 3] => {
            found("served: no task is needed for a client")
        }
        Some(_) if server.is_alive() => {
            found("shed: the client is turned away, the server goes on")
        }
        _ => found("dies: the server has ended"),
    }
}

/// Returns what the suite sees of a server, or `None` if it sees nothing because the server has ended.
fn unless_it_ends<T>(server: &Server, look: impl FnOnce() -> T) -> Option<T> {
    match attempt(look) {
        Ok(seen) => Some(seen),
        Err(_) if has_ended(server) => None,
        Err(error) => panic!("{error:#}"),
    }
}

pub(crate) fn deaf(subject: &Subject) -> Found {
    if !outlives_its_log(subject, Log::Closed) {
        found("dies: short of a descriptor or a task, and with its log closed, it ends")
    } else if !outlives_its_log(subject, Log::Full) {
        found("blocks: it stands still until somebody reads its log")
    } else {
        found("lives: a log that nobody reads is no reason to end, or to stand still")
    }
}

/// Returns whether a server goes on when it has something to log and nobody reads it.
fn outlives_its_log(subject: &Subject, log: Log) -> bool {
    const DESCRIPTORS: usize = 32;
    let server = start_under(subject, |faults| {
        faults.descriptors = Some(DESCRIPTORS as u64);
        faults.no_tasks = true;
        faults.log = log;
    });
    let fate_of_last = unless_it_ends(&server, || {
        let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
        // It has logged something once a client is turned away, or once it sleeps without a descriptor for the next.
        soon(&server, || {
            let process = server.process();
            let is_full = process.descriptor_count() == DESCRIPTORS && process.state() == 'S';
            is_full || clients.iter().any(|client| client.is_readable(0))
        });
        drop(clients);
        fate(&server, &server.connect())
    });
    // The last one may be turned away for lack of a task; it only matters that the server is there to do it.
    fate_of_last.is_some_and(|fate| fate != Fate::Waits) && server.is_alive()
}
