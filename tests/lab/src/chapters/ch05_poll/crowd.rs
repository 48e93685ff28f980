//! Clients of stage 5: as many as come, all handed in at each wait.

use anyhow::Context;
use suite::{Faults, leave, number};

use crate::world::{Waits, ensure_descriptors};
use crate::{Evidence, Lab};

/// Clients at once, more than a set has bits.
const CLIENTS: usize = 1_100;
/// Standard input, output and error.
const STANDARD: usize = 3;
/// The descriptors that stage 5 watches besides its clients': the listener and the signal.
const WATCHED: usize = 2;

/// Connects more clients than fit into a set; then one of them speaks.
pub(super) fn without_a_cap(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // Fewer would show nothing: a set has room for them.
    ensure_descriptors(CLIENTS as u64 + 100)?;
    let server = lab.start(5)?;
    let clients = server.crowd(CLIENTS);
    let answered = clients.iter().map(|client| client.echo(b"here")).count();
    evidence.count("clients served at the same time", answered, CLIENTS);
    let highest = server.process().sockets().into_iter().max();
    let highest = highest.context("no socket")?;
    let all = STANDARD + WATCHED + CLIENTS;
    evidence.count("the highest descriptor", highest, all - 1);
    let wait = Waits::of(&server, &clients[CLIENTS - 1], 5).each()?;
    let watched = CLIENTS + WATCHED;
    let what = "one speaks: entries handed to poll";
    evidence.count(what, wait.submitted, watched);
    evidence.count("their bytes, 8 each", wait.bytes_in, 8 * watched);
    evidence.count("of these, ready", wait.ready, 1);
    leave(clients);
    Ok(())
}

/// Puts select and poll next to the same silent clients: both grow with them.
pub(super) fn beside_select(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for wanted in [10, 100, 1_000] {
        let clients = evidence.room("clients", wanted);
        // select counts from 0, up to the last client's descriptor.
        for (stage, name, expected) in [
            (4, "select", STANDARD + 1 + clients),
            (5, "poll", clients + WATCHED),
        ] {
            // One of the clients is the active one.
            let wait = Waits::beside(lab, stage, clients - 1, 20)?.each()?;
            let what = format!("{} clients: descriptors to {name}", number(clients));
            evidence.count(what, wait.submitted, expected);
        }
    }
    Ok(())
}

/// Uses three descriptors with high numbers: select receives all below them, too.
pub(super) fn high_numbers(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let lowest = evidence.room("numbers", 1_000);
    let faults = Faults {
        lowest_descriptor: i32::try_from(lowest).ok(),
        ..Faults::default()
    };
    // Stage 4 has no signal: its listener is the first of the high numbers, the client is the second.
    for (stage, name, expected) in [(4, "select", lowest + 2), (5, "poll", WATCHED + 1)] {
        let server = lab.stage(stage)?.start_with(&faults);
        let clients = server.crowd(1);
        let wait = Waits::of(&server, &clients[0], 5).each()?;
        evidence.count(format!("descriptors to {name}"), wait.submitted, expected);
        leave(clients);
    }
    Ok(())
}
