//! C22: who is harmed when the worker of one client breaks.

use std::io::{Read, Write};

use nix::sys::signal::{Signal, kill};
use suite::{Client, Process, Server, eventually};

use crate::world::attempt;
use crate::{Evidence, Lab};

/// Clients that are being served when it happens to one of them.
pub(crate) const CLIENTS: usize = 10;
/// What a worker gets that runs into an instruction that is none. It stands for all faults: for SIGSEGV,
/// Rust's runtime has a handler, which lets one pass that did not come of a memory access.
pub(crate) const FAULT: Signal = Signal::SIGILL;

/// The lesson's first step: what a process for each client is good for.
pub(super) fn harms_one(lab: &Lab) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::new();
    let server = lab.start(2)?;
    attempt(|| {
        let process = server.process();
        let silent = server.connect();
        eventually("A to have a process of its own", || {
            process.children().len() == 1
        });
        let of_the_silent = process.children();
        let mut clients = vec![server.connect()];
        let answered = clients.iter().filter(|client| is_served(client)).count();
        evidence.count("A is silent, B talks: served", answered as u64, 1);
        let mut children = process.children();
        children.retain(|child| !of_the_silent.contains(child));
        clients.extend((2..CLIENTS).map(|_| server.connect()));
        clients.push(silent);
        let answered = clients.iter().filter(|client| is_served(client)).count();
        let all = CLIENTS as u64;
        evidence.count("all ten talk: served", answered as u64, all);
        evidence.count(
            "processes beside the one that accepts",
            workers(process),
            all,
        );
        children.iter().for_each(|child| break_down(*child));
        eventually("the child to be reaped", || workers(process) < all);
        judge(&mut evidence, &server, &clients);
    })?;
    Ok(evidence)
}

fn judge(evidence: &mut Evidence, server: &Server, clients: &[Client]) {
    let unharmed = clients.iter().filter(|client| is_served(client)).count();
    let what = "B's process breaks: clients still served";
    evidence.count(what, unharmed as u64, CLIENTS as u64 - 1);
    let new = server.is_alive() && is_served(&server.connect());
    let served = if new { "served" } else { "not served" };
    evidence.outcome("a client that comes after that", served, "served");
    let told = || {
        server
            .log()
            .lines()
            .filter(|line| line.contains(FAULT.as_str()))
            .count()
    };
    eventually("the log to name the signal", || told() > 0);
    evidence.count("lines in the log that name the signal", told() as u64, 1);
}

fn workers(process: Process) -> u64 {
    process.children().len() as u64
}

fn break_down(worker: Process) {
    assert_eq!(kill(worker.pid(), FAULT), Ok(()), "no signal to the worker");
}

/// Whether a byte comes back; if not, the connection has ended.
pub(crate) fn is_served(client: &Client) -> bool {
    let sent = client.stream().write_all(b"?");
    sent.is_ok() && client.stream().read_exact(&mut [0]).is_ok()
}
