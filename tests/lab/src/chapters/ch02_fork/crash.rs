//! C22: which clients suffer when one client's worker crashes: a process in stage 2, a thread in stage 3.

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use suite::{Client, Process, Server, eventually};

use crate::world::{deadly_signal, is_served};
use crate::{Evidence, Lab};

/// Clients being served when one of their workers crashes.
const CLIENTS: usize = 10;
/// The signal for an illegal instruction. It stands for every fault, because Rust's runtime handles SIGSEGV, and
/// ignores one that no memory access caused.
const FAULT: Signal = Signal::SIGILL;

/// C22: a fault in a worker of stage 2, and in one of stage 3.
pub(super) fn in_both_stages(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    evidence.aside("stage 2, a process for each client", "");
    harms_one(lab, evidence)?;
    evidence.aside("stage 3, a thread for each client", "");
    ends_all(lab, evidence)
}

/// The first step of lesson 02: the advantage of a process for each client.
pub(super) fn harms_one(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(2)?;
    let workers = || server.process().children();
    let (clients, broken) = all_talk(&server, evidence, workers)?;
    let what = "processes next to the one that accepts";
    evidence.count(what, workers().len(), CLIENTS);
    kill(broken.pid(), FAULT).context("cannot signal the worker")?;
    eventually("the child to be reaped", || workers().len() < CLIENTS);
    let what = "B's process breaks: clients still served";
    evidence.count(what, served(&clients), CLIENTS - 1);
    let new = server.is_alive() && is_served(&server.connect());
    let fate = if new { "served" } else { "not served" };
    evidence.outcome("a client that comes after that", fate, "served");
    let told = || server.log().matches(FAULT.as_str()).count();
    eventually("the log to name the signal", || told() > 0);
    evidence.count("lines in the log that name the signal", told(), 1);
    Ok(())
}

/// The first step of lesson 03: threads are cheap, and nothing protects one from another.
pub(in crate::chapters) fn ends_all(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(3)?;
    let process = server.process();
    let workers = || {
        let mut threads = process.threads();
        threads.retain(|thread| *thread != process);
        threads
    };
    let (clients, broken) = all_talk(&server, evidence, workers)?;
    let what = "threads next to the one that accepts";
    evidence.count(what, workers().len(), CLIENTS);
    evidence.count("processes next to it", process.children().len(), 0);
    let sent = process.signal_thread(broken, FAULT);
    sent.context("cannot signal a thread")?;
    let signal = deadly_signal(server.wait()).unwrap_or("nothing");
    let what = "B's thread breaks: the process dies of";
    evidence.outcome(what, signal, FAULT.as_str());
    evidence.count("clients still served", served(&clients), 0);
    Ok(())
}

/// Connects A, which is silent, B, which talks, and eight more. `workers` lists the server's workers. Returns all
/// clients, and B's worker.
fn all_talk(
    server: &Server,
    evidence: &mut Evidence,
    workers: impl Fn() -> Vec<Process>,
) -> anyhow::Result<(Vec<Client>, Process)> {
    let silent = server.connect();
    eventually("A to have a worker of its own", || workers().len() == 1);
    let of_the_silent = workers();
    let mut all = vec![server.connect()];
    evidence.count("A is silent, B talks: served", served(&all), 1);
    let mut workers = workers().into_iter();
    let worker = workers.find(|worker| !of_the_silent.contains(worker));
    let worker = worker.context("B has no worker of its own")?;
    all.extend((2..CLIENTS).map(|_| server.connect()));
    all.push(silent);
    evidence.count("all ten talk: served", served(&all), CLIENTS);
    Ok((all, worker))
}

fn served(clients: &[Client]) -> usize {
    clients.iter().filter(|client| is_served(client)).count()
}
