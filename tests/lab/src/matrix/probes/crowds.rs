//! Many clients, and high descriptors.

use std::sync::{Mutex, PoisonError};

use suite::{Client, Faults, Server, Subject, leave};

use super::{Fate, Found, fate, is_answered, is_well, served};
use crate::show::{Tone, number};
use crate::world::Room;

/// Crowds come one after the other: each needs a descriptor of the lab's own for every client.
static CROWD: Mutex<()> = Mutex::new(());

pub(in crate::matrix) fn crowd(subject: &Subject) -> Found {
    let _alone = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
    let room = Room::for_connections("clients", 1_100);
    let server = subject.start();
    let clients: Vec<Client> = (0..room.given).map(|_| server.connect()).collect();
    let (served, shed) = count(&server, &clients);
    let waiting = clients.len() - served - shed;
    if shed > 0 && !clients.first().is_some_and(is_undisturbed) {
        return Found::new(
            "dies",
            Tone::Bad,
            format!("after {served} clients nobody is served any more"),
        );
    }
    leave(clients);
    let tone = match (shed, waiting) {
        (0, 0) => Tone::Good,
        (_, 0) => Tone::Warn,
        _ => Tone::Bad,
    };
    let mut sentence = format!("{served} are served, {shed} turned away, {waiting} wait");
    if room.is_reduced() {
        sentence += &format!(" ({room})");
    }
    Found::new(number(served as u64), tone, sentence)
}

/// How many of `clients`, which come in this order, are served, and how many turned away.
pub(super) fn count(server: &Server, clients: &[Client]) -> (usize, usize) {
    let (mut served, mut shed) = (0, 0);
    for client in clients {
        match fate(server, client) {
            Fate::Served => served += 1,
            Fate::Shed => shed += 1,
            // A client that comes behind one that waits has to wait, too.
            Fate::Waits => break,
        }
    }
    (served, shed)
}

/// Whether a client that has not taken its first answer yet is served as before.
fn is_undisturbed(client: &Client) -> bool {
    is_answered(client, 3) && is_well(client)
}

pub(in crate::matrix) fn value(subject: &Subject) -> Found {
    let faults = Faults {
        lowest_descriptor: Some(1018),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let mut inside = Vec::new();
    for _ in 0..10 {
        let client = server.connect();
        let mut fate = fate(&server, &client);
        if fate == Fate::Waits {
            inside.clear();
            fate = super::fate(&server, &client);
        }
        match fate {
            Fate::Served => inside.push(client),
            Fate::Shed if inside.first().is_some_and(is_undisturbed) => {
                let sentence = "who would get a descriptor of 1,024 or above is turned away";
                return Found::new("shed", Tone::Warn, sentence);
            }
            _ => return Found::new("dies", Tone::Bad, "no client is served any more"),
        }
    }
    served("the value of a descriptor makes no difference")
}
