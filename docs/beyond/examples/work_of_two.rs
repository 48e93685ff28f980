//! Do two cores do the work of two? `cargo run --release -p beyond --example work_of_two`
//!
//! A load generator would need a core of its own. So here all work is there before it begins: the server is stopped, 1,000
//! clients send what fits into the kernel's buffers, and then the server is let go. What counts is the CPU time of the loop
//! that has the most: on a machine with nothing else to do, the work takes as long as that.

use std::fs;
use std::path::Path;
use std::time::Duration;

use suite::profile::ANY;
use suite::{Client, Process, Server, Subject, eventually, pattern};

const CLIENTS: usize = 1_000;
const BYTES: usize = 60_000;
const ROUNDS: usize = 9;

fn main() {
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.ancestors().nth(2).unwrap_or(Path::new("."));
    let program = program.join("cores");
    let subject = |loops: &str| Subject {
        command: vec![
            program.clone().into(),
            "{addr}".into(),
            "--loops".into(),
            loops.into(),
        ],
        announces: true,
        profile: ANY,
    };
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let [one, two] = ["1", "2"].map(|loops| longest(&subject(loops)));
        let ratio = one.as_secs_f64() / two.as_secs_f64();
        println!("round {round}: {one:.0?} with one loop, {two:.0?} with two, {ratio:.2} times");
        ratios.push(ratio);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("median: {:.2} times", ratios[ROUNDS / 2]);
}

/// Returns the CPU time that the busiest loop of a server needs to echo what has been sent while it was stopped.
fn longest(subject: &Subject) -> Duration {
    let server = subject.start();
    let clients: Vec<Client> = (0..CLIENTS).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    server.stop();
    clients
        .iter()
        .for_each(|client| client.send(pattern(0, BYTES)));
    let before = times(&server);
    server.go_on();
    for client in &clients {
        client.expect(pattern(0, BYTES));
    }
    let threads = server.process().threads();
    eventually("the loops to sleep", || {
        threads.iter().all(|thread| thread.state() == 'S')
    });
    let spent = times(&server).into_iter().zip(before);
    let longest = spent.map(|(after, before)| after - before).max();
    suite::leave(clients);
    Duration::from_nanos(longest.unwrap_or(0))
}

/// Returns the CPU time of each thread so far, in nanoseconds (/proc/PID/task/TID/schedstat).
fn times(server: &Server) -> Vec<u64> {
    let process = server.process();
    let time = |thread: Process| {
        let file = format!("/proc/{}/task/{}/schedstat", process.pid(), thread.pid());
        let text = fs::read_to_string(&file).unwrap_or_default();
        let time = text
            .split_whitespace()
            .next()
            .and_then(|time| time.parse().ok());
        time.unwrap_or_else(|| panic!("cannot observe {file}: {text:?}"))
    };
    process.threads().into_iter().map(time).collect()
}
