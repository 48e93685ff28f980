//! Many short connections: a process each, a thread each, or one after the other.

use std::thread;
use std::time::Duration;

use anyhow::ensure;
use suite::{Client, Server, eventually, leave};

use super::Scope;
use super::stand::start;
use super::study::Study;
use crate::load::processor_time;
use crate::show::Progress;
use crate::stats::median;
use crate::world::attempt;
use crate::{Evidence, Lab};

/// As published: so many clients at a time, so many connections of each, so many bytes for each.
const CLIENTS: usize = 5;
const CONNECTIONS: usize = 500;
const BYTES: usize = 4_000;

/// The iterative server first: it is what the others are compared with.
const STAGES: [(u8, &str); 3] = [
    (1, "01 one at a time"),
    (2, "02 a process a client"),
    (3, "03 a thread a client"),
];

/// Runs it.
pub(super) fn run(lab: &Lab, scope: &Scope, progress: &Progress) -> anyhow::Result<Study> {
    let mut servers = Vec::new();
    for (stage, _) in STAGES {
        servers.push(start(lab, stage, scope)?);
    }
    let mut seconds = [const { Vec::new() }; 3];
    for _ in 0..scope.rounds.min(5) {
        for ((server, seconds), (_, name)) in servers.iter().zip(&mut seconds).zip(STAGES) {
            progress.step(name);
            seconds.push(turn(server)?);
            progress.done();
        }
    }
    let [iterative, fork, thread] = seconds.map(median);
    let mut evidence = Evidence::new();
    for ((_, name), time) in STAGES.into_iter().zip([iterative, fork, thread]) {
        let more = (time - iterative) * 1e3;
        evidence.aside(
            format!("{name}: ms beyond the iterative"),
            format!("{more:.0}"),
        );
    }
    // The kernel counts ended children in steps of 10 ms.
    let thread_more = (thread - iterative).max(0.01);
    let times = (fork - iterative) / thread_more;
    evidence.shape(
        "beyond it: fork of thread",
        format!("{times:.1} ×"),
        "≥ 2 ×",
        times >= 2.0,
    );
    Ok(Study {
        name: "unp",
        title: "Short connections (UNIX Network Programming, chapter 30)",
        about: "5 clients make 500 connections each; on each 4,000 bytes come back (published: \"4000\\n\" is \
                asked; here 4,000 are sent and echoed). The time is the server's processor time for 2,500 \
                connections, children included, less that of the iterative server. Published: a thread a \
                client is cheapest, a pool of processes next, at least ten times cheaper than a fork a \
                client. Pools are no stage of this course, and are not measured.",
        evidence,
        ..Study::default()
    })
}

/// Seconds of the server's processor time for all connections.
fn turn(server: &Server) -> anyhow::Result<f64> {
    let before = settled(server)?;
    thread::scope(|scope| {
        let clients = [(); CLIENTS].map(|()| scope.spawn(|| attempt(|| connections(server))));
        for client in clients {
            let done = client.join();
            ensure!(matches!(done, Ok(Ok(()))), "a client was not answered");
        }
        Ok(())
    })?;
    Ok((settled(server)? - before).as_secs_f64())
}

fn connections(server: &Server) {
    for _ in 0..CONNECTIONS {
        let client = Client::connect(server.address());
        client.echo(suite::pattern(0, BYTES));
        // A connection in TIME_WAIT for each would fill the kernel's table of these.
        leave(vec![client]);
    }
}

/// The processor time of a server whose children have all been reaped, and counted.
fn settled(server: &Server) -> anyhow::Result<Duration> {
    let process = server.process();
    attempt(|| {
        eventually("the last client's process or thread to end", || {
            process.children().is_empty() && process.threads().len() == 1
        });
    })?;
    Ok(processor_time(process))
}
