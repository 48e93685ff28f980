//! Many short connections: a process each, a thread each, or one after the other.

use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use suite::{Client, Server, eventually, leave};

use super::shape::Bound::AtLeast;
use super::{Scope, Shape, Study};
use crate::stand::Stand;
use crate::{OnStep, median, rounds};

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

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
    let stands = STAGES.map(|(stage, name)| Ok((name, scope.stand(stage, 0)?)));
    let stands = stands
        .into_iter()
        .collect::<anyhow::Result<Vec<(_, Stand)>>>();
    let mut stands = stands?;
    let seconds = rounds(&mut stands, scope.rounds.min(5), |(name, stand)| {
        progress(name);
        turn(stand.server())
    })?;
    let times: Vec<f64> = seconds.into_iter().map(median).collect();
    let beyond = |place: usize| times[place] - times[0];
    let asides = STAGES.iter().enumerate().map(|(place, (_, name))| {
        let what = format!("{name}: ms beyond the iterative");
        Shape::aside(what, format!("{:.0}", beyond(place) * 1e3))
    });
    // The kernel counts ended children in steps of 10 ms.
    let times = beyond(1) / beyond(2).max(0.01);
    let fork = Shape::ratio("beyond it: fork of thread", times, Some(AtLeast(2.0)));
    Ok(Study {
        name: "unp",
        title: "Short connections (UNIX Network Programming, chapter 30)",
        about: "5 clients make 500 connections each; on each 4,000 bytes come back (published: \"4000\\n\" is \
                asked; here 4,000 are sent and echoed). The time is the server's CPU time for 2,500 \
                connections, children included, less that of the iterative server. Published: a thread a \
                client is cheapest, a pool of processes next, at least ten times cheaper than a fork a \
                client. Pools are no stage of this course, and are not measured.",
        shapes: asides.chain([fork]).collect(),
        ..Study::default()
    })
}

/// Returns the seconds of the server's CPU time for all connections.
fn turn(server: &Server) -> anyhow::Result<f64> {
    let before = settled(server)?;
    thread::scope(|scope| {
        let clients = [(); CLIENTS].map(|()| scope.spawn(|| connections(server)));
        for client in clients {
            ensure!(client.join().is_ok(), "a client was not answered");
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

/// Returns the CPU time of a server whose children have all been reaped, and counted.
fn settled(server: &Server) -> anyhow::Result<Duration> {
    let process = server.process();
    eventually("the last client's process or thread to end", || {
        process.children().is_empty() && process.threads().len() == 1
    });
    let spent = process.family_processor_time();
    spent.context("the server's CPU time is not known")
}
