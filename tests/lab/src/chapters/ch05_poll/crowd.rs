//! Clients of stage 5: as many as come, and all of them handed in at each wait.

use suite::{Faults, leave, number};

use crate::world::{Wait, Waits, crowd, ensure_descriptors};
use crate::{Evidence, Lab};

/// Clients at once: more than a set has bits.
const CLIENTS: usize = 1_100;
/// Standard input, output and error.
const STANDARD: u64 = 3;
/// How many descriptors stage 5 watches besides its clients': the listener's, the signal's.
const WATCHED: u64 = 2;

/// More clients than fit into a set; then one of them speaks.
pub(super) fn without_a_cap(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // Fewer would show nothing: a set has room for them.
    ensure_descriptors(CLIENTS as u64 + 100)?;
    let clients = CLIENTS as u64;
    let server = lab.start(5)?;
    let mut all = crowd(&server, CLIENTS);
    let answered = all.iter().map(|client| client.echo(b"here")).count();
    evidence.count("clients served at the same time", answered as u64, clients);
    let highest = server.process().sockets().into_iter().max();
    let highest = highest.unwrap_or_default() as u64;
    evidence.count(
        "the highest descriptor",
        highest,
        STANDARD + WATCHED + clients - 1,
    );
    if let Some(active) = all.pop() {
        let wait = Waits::of(lab, &server, &active, 5)?.each()?;
        entries(wait, clients + WATCHED, evidence);
        all.push(active);
    }
    leave(all);
    Ok(())
}

/// Notes what one poll was handed, and what it returned.
fn entries(wait: Wait, expected: u64, evidence: &mut Evidence) {
    evidence.count(
        "one speaks: entries handed to poll",
        wait.submitted,
        expected,
    );
    evidence.count("their bytes, 8 each", wait.bytes_in, 8 * expected);
    evidence.count("of these, ready", wait.ready, 1);
}

/// select and poll, beside the same silent clients: both grow with them.
pub(super) fn beside_select(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for wanted in [10, 100, 1_000] {
        let room = evidence.room("clients", wanted);
        let clients = room as u64;
        // select counts from 0 on, and its highest descriptor is that of the last client.
        for (stage, name, expected) in [
            (4, "select", STANDARD + 1 + clients),
            (5, "poll", clients + WATCHED),
        ] {
            // One of the clients is the active one.
            let waits = Waits::beside(lab, stage, room - 1, 20)?;
            let what = format!("{} clients: descriptors to {name}", number(room as u64));
            evidence.count(what, waits.each()?.submitted, expected);
        }
    }
    Ok(())
}

/// Three descriptors with high numbers: select is handed all below them, too.
pub(super) fn high_numbers(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let room = evidence.room("numbers", 1_000);
    let faults = Faults {
        lowest_descriptor: i32::try_from(room).ok(),
        ..Faults::default()
    };
    // Stage 4 has no signal: its listener is the first of the high numbers, the client is the second.
    let highest = room as u64 + 1;
    for (stage, name, expected) in [(4, "select", highest + 1), (5, "poll", WATCHED + 1)] {
        let subject = lab.stage(stage)?;
        let server = subject.start_with(&faults);
        let clients = crowd(&server, 1);
        for client in &clients {
            let wait = Waits::of(lab, &server, client, 5)?.each()?;
            evidence.count(format!("descriptors to {name}"), wait.submitted, expected);
        }
        leave(clients);
    }
    Ok(())
}
