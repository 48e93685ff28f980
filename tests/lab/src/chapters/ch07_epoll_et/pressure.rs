//! Stages 6 and 7 compared: with clients that keep up, with one that does not read, and with one that never stops.

use std::thread;

use anyhow::Context;
use suite::net::enlarge_buffers;
use suite::{Call, Flood};

use crate::world::Waits;
use crate::{Evidence, Lab};

/// Clients that keep up see no difference; one that reads late does.
pub(super) fn a_late_reader(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for stage in [6, 7] {
        let waits = Waits::beside(lab, stage, 10, 20)?.waits.len();
        evidence.count(format!("stage {stage}, 20 echoes: waits"), waits, 20);
    }
    let (six, seven) = (squeezed(lab, 6)?, squeezed(lab, 7)?);
    // Once to join, then to writing and back to reading, at least once each.
    evidence.count("stage 6, a late reader: epoll_ctl", six.ctl, 3..);
    evidence.count("stage 7: epoll_ctl", seven.ctl, 1);
    let (expected, holds) = ("waits ≥ reads", six.waits >= six.reads);
    let seen = format!("{}, {}", six.waits, six.reads);
    evidence.shape("stage 6: waits, reads", seen, expected, holds);
    let (expected, holds) = ("waits ≤ reads/2", 2 * seven.waits <= seven.reads);
    let seen = format!("{}, {}", seven.waits, seven.reads);
    evidence.shape("stage 7: waits, reads", seen, expected, holds);
    Ok(())
}

/// The calls that a server has made for one client.
struct Calls {
    ctl: usize,
    waits: usize,
    reads: usize,
}

/// Returns the cost of a client that sends until the server stops reading, and only then reads.
fn squeezed(lab: &Lab, stage: u8) -> anyhow::Result<Calls> {
    let server = lab.start(stage)?;
    // By the time it serves a client, it has registered its own descriptors.
    server.connect().echo(b"first");
    let tracer = lab.watch(&server)?;
    let client = server.connect().with_small_buffers();
    let sent = server.push(&client);
    client.expect_pattern(0, sent);
    let calls = tracer.finish();
    let count = |is: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| is(call)).count();
    Ok(Calls {
        ctl: count(&|call| call.name() == "epoll_ctl"),
        waits: count(&|call| call.is_wait() && call.result >= 0),
        reads: count(&|call| call.is_read() && call.result > 0),
    })
}

/// The budget cuts short a client that never stops sending. No edge comes for what is left, so the loop looks for
/// others without sleeping, and then continues by itself.
pub(super) fn a_flood(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(7)?;
    // The budget cuts a turn short only if more arrives than the turn reads.
    enlarge_buffers(server.process())?;
    let flood = Flood::new(server.connect());
    let neighbour = server.connect();
    let tracer = lab.watch(&server)?;
    let (seen, answer) = thread::scope(|scope| {
        let _end = flood.start(scope);
        let seen = tracer.wait_until(|calls| calls.iter().any(does_not_sleep));
        neighbour.send(b"and I");
        (seen, neighbour.receive(5))
    });
    let calls = tracer.finish();
    seen.context("the flood was never cut short")?;
    let cut_short = calls.iter().filter(|call| does_not_sleep(call)).count();
    evidence.count("waits that do not sleep", cut_short, 1..);
    // 16 steps of at most two calls each, and what a newcomer costs.
    let turns = calls.split(Call::is_wait).map(<[Call]>::len);
    let longest = turns.max().unwrap_or(0);
    evidence.count("calls between two waits, at most", longest, ..=40);
    let answer = answer.len();
    evidence.count("bytes for another client meanwhile", answer, 5);
    let what = "bytes of the flood itself that came back";
    evidence.count(what, flood.echoed(), 65_536..);
    Ok(())
}

/// Returns whether it is a wait with a timeout of 0, the fourth argument of epoll_wait(2).
fn does_not_sleep(call: &Call) -> bool {
    call.is_wait() && call.args[3] as i32 == 0
}
