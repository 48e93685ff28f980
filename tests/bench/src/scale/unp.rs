//! Many short connections: with a process each, a thread each, or one after the other.

use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use suite::{Client, Server, eventually, leave};

use super::shape::at_least;
use super::{Findings, Scope};
use crate::{OnStep, median, rounds};

/// Clients at a time, connections per client, and bytes per connection, as published.
const CLIENTS: usize = 5;
const CONNECTIONS: usize = 500;
const BYTES: usize = 4_000;

/// The iterative server comes first: the others are compared with it.
const STAGES: [(u8, &str); 3] = [
    (1, "01 one at a time"),
    (2, "02 a process a client"),
    (3, "03 a thread a client"),
];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Findings> {
    let stands = STAGES.into_iter().map(|stage| scope.stand(stage, 0));
    let mut stands = stands.collect::<anyhow::Result<Vec<_>>>()?;
    let seconds = rounds(&mut stands, scope.rounds.min(5), |stand| {
        progress(&stand.name);
        turn(&stand.server)
    })?;
    let times: Vec<f64> = seconds.into_iter().map(median).collect();
    let beyond = |place: usize| times[place] - times[0];
    let mut found = Findings::default();
    for (place, (_, name)) in STAGES.iter().enumerate() {
        let what = format!("{name}: ms beyond the iterative");
        let milliseconds = format!("{:.0}", beyond(place) * 1e3);
        found.aside(what, milliseconds);
    }
    // The kernel counts ended children in steps of 10 ms.
    let times = beyond(1) / beyond(2).max(0.01);
    found.ratio("beyond it: fork of thread", times, at_least(2.0));
    Ok(found)
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
        // Connections in TIME_WAIT would fill the kernel's table.
        leave(vec![client]);
    }
}

/// Returns the CPU time of a server once all its children have been reaped, and so counted.
fn settled(server: &Server) -> anyhow::Result<Duration> {
    let process = server.process();
    eventually("the last client's process or thread to end", || {
        process.children().is_empty() && process.threads().len() == 1
    });
    let spent = process.family_processor_time();
    spent.context("the server's CPU time is unknown")
}
