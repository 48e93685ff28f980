//! Stages 6 and 7 compared: with clients that keep up, with one that does not read, and with one that never stops.

use std::thread;

use anyhow::Context;
use suite::lessons::waits_and_reads;
use suite::net::enlarge_buffers;
use suite::{Call, Flood};

use crate::world::{Waits, named};
use crate::{Evidence, Lab};

/// Clients that keep up see no difference; one that reads late does.
pub(super) fn a_late_reader(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for stage in [6, 7] {
        let waits = Waits::beside(lab, stage, 10, 20)?.waits.len();
        evidence.count(format!("stage {stage}, 20 echoes: waits"), waits, 20);
    }
    let [ctl, waits, reads] = squeezed(lab, 6)?;
    // Once to join, then to writing and back to reading, at least once each.
    evidence.count("stage 6, a late reader: epoll_ctl", ctl, 3..);
    let [ctl_of_7, waits_of_7, reads_of_7] = squeezed(lab, 7)?;
    evidence.count("stage 7: epoll_ctl", ctl_of_7, 1);
    let (seen, holds) = (format!("{waits}, {reads}"), waits >= reads);
    evidence.shape("stage 6: waits, reads", seen, "waits ≥ reads", holds);
    let seen = format!("{waits_of_7}, {reads_of_7}");
    let holds = 2 * waits_of_7 <= reads_of_7;
    evidence.shape("stage 7: waits, reads", seen, "waits ≤ reads/2", holds);
    Ok(())
}

/// Returns how often a server calls epoll_ctl, waits and reads for a client that sends until the server stops reading,
/// and only then reads.
fn squeezed(lab: &Lab, stage: u8) -> anyhow::Result<[usize; 3]> {
    let server = lab.start(stage)?;
    // By the time it serves a client, it has registered its own descriptors.
    server.connect().echo(b"first");
    let tracer = server.trace();
    let client = server.connect().with_small_buffers();
    let sent = server.push(&client);
    client.expect_pattern(0, sent);
    let calls = tracer.finish();
    let (waits, reads) = waits_and_reads(&calls);
    Ok([named(&calls, "epoll_ctl"), waits, reads])
}

/// The budget cuts short a client that never stops sending. No edge comes for what is left, so the loop looks for
/// others without sleeping, and then continues by itself.
pub(super) fn a_flood(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(7)?;
    // The budget cuts a turn short only if more arrives than the turn reads.
    enlarge_buffers(server.process())?;
    let flood = Flood::new(server.connect());
    let neighbour = server.connect();
    let tracer = server.trace();
    let (seen, answer) = thread::scope(|scope| {
        let _end = flood.start(scope);
        let seen = tracer.wait_until(|calls| calls.iter().any(Call::is_wait_without_sleep));
        neighbour.send(b"and I");
        (seen, neighbour.receive(5))
    });
    let calls = tracer.finish();
    seen.context("the flood was never cut short")?;
    let cut_short = calls.iter().filter(|call| call.is_wait_without_sleep());
    evidence.count("waits that do not sleep", cut_short.count(), 1..);
    // 16 steps of at most two calls each, and what a newcomer costs.
    let turns = calls.split(Call::is_wait).map(<[Call]>::len);
    let longest = turns.max().unwrap_or(0);
    evidence.count("calls between two waits, at most", longest, ..=40);
    evidence.count("bytes for another client meanwhile", answer.len(), 5);
    let what = "bytes of the flood itself that came back";
    evidence.count(what, flood.echoed(), 65_536..);
    Ok(())
}
