//! Probes with many clients, and with high descriptors.

use std::sync::{Mutex, PoisonError};

use suite::{Client, Server, Subject, leave, number};

use super::{Fate, Found, fate, found, is_answered, is_well, start_under};
use crate::show::Tone;
use crate::world::{Room, attempt};

/// Crowds come one after the other, because the lab itself needs a descriptor for every client.
static CROWD: Mutex<()> = Mutex::new(());

pub(crate) fn crowd(subject: &Subject) -> Found {
    let _alone = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
    let room = Room::for_connections("clients", 1_100);
    let server = subject.start();
    let clients: Vec<Client> = (0..room.given).map(|_| server.connect()).collect();
    let (served, shed) = count(&server, &clients);
    let waiting = clients.len() - served - shed;
    if shed > 0 && !clients.first().is_some_and(is_undisturbed) {
        return found(format!(
            "dies: after {served} clients it serves nobody any more"
        ));
    }
    leave(clients);
    let tone = match (shed, waiting) {
        (0, 0) => Tone::Good,
        (_, 0) => Tone::Warn,
        _ => Tone::Bad,
    };
    let word = number(served as u64);
    let mut text = format!("{word}: {served} are served, {shed} turned away, {waiting} wait");
    if room.is_reduced() {
        text += &format!(" ({room})");
    }
    found(text).toned(tone)
}

/// Returns how many of `clients`, in the order of arrival, are served, and how many are turned away.
pub(super) fn count(server: &Server, clients: &[Client]) -> (usize, usize) {
    // A client behind a waiting one has to wait, too.
    let fates = clients.iter().map(|client| fate(server, client));
    let (served, shed): (Vec<_>, Vec<_>) = fates
        .take_while(|fate| *fate != Fate::Waits)
        .partition(|fate| *fate == Fate::Served);
    (served.len(), shed.len())
}

/// Returns whether a client that has not read its first answer yet is still served.
fn is_undisturbed(client: &Client) -> bool {
    is_answered(client, 3) && is_well(client)
}

pub(crate) fn value(subject: &Subject) -> Found {
    let server = start_under(subject, |faults| faults.lowest_descriptor = Some(1018));
    let mut inside: Vec<Client> = Vec::new();
    for _ in 0..10 {
        let client = server.connect();
        let mut its_fate = fate(&server, &client);
        if its_fate == Fate::Waits {
            // Those inside leave, and the server has closed its ends before it is judged by what it does next.
            for client in inside.drain(..) {
                let _ = attempt(|| (client.half_close(), client.receive_to_end()));
            }
            its_fate = fate(&server, &client);
        }
        match its_fate {
            Fate::Served => inside.push(client),
            Fate::Shed if inside.first().is_some_and(is_undisturbed) => {
                return found(
                    "shed: a client whose descriptor would be 1,024 or above is turned away",
                );
            }
            _ => return found("dies: it serves no client any more"),
        }
    }
    found("served: the value of a descriptor makes no difference")
}
