//! C22: who is harmed when the worker of one client breaks, a process at stage 2, a thread at stage 3.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use suite::{Client, Process, Server, eventually};

use crate::{Evidence, Lab};

/// Clients that are being served when it happens to one of them.
const CLIENTS: usize = 10;
/// The signal of a worker that runs into an instruction that is none. It stands for all faults: for SIGSEGV,
/// Rust's runtime has a handler, which lets one pass that did not come of a memory access.
const FAULT: Signal = Signal::SIGILL;

/// C22: a fault in a worker of stage 2, and in one of stage 3.
pub(super) fn of_a_process_and_of_a_thread(
    lab: &Lab,
    evidence: &mut Evidence,
) -> anyhow::Result<()> {
    evidence.aside("stage 2, a process for each client", "");
    harms_one(lab, evidence)?;
    evidence.aside("stage 3, a thread for each client", "");
    ends_all(lab, evidence)
}

/// The first step of lesson 02: what a process for each client is good for.
pub(super) fn harms_one(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(2)?;
    let process = server.process();
    let clients = all_talk(&server, evidence, || process.children());
    let workers = process.children();
    let all = CLIENTS as u64;
    let what = "processes beside the one that accepts";
    evidence.count(what, workers.len() as u64, all);
    let broken = clients.worker;
    assert_eq!(kill(broken.pid(), FAULT), Ok(()), "no signal to the worker");
    eventually("the child to be reaped", || {
        process.children().len() < workers.len()
    });
    let unharmed = served(&clients.all);
    evidence.count(
        "B's process breaks: clients still served",
        unharmed,
        all - 1,
    );
    let new = server.is_alive() && is_served(&server.connect());
    let fate = if new { "served" } else { "not served" };
    evidence.outcome("a client that comes after that", fate, "served");
    let told = || {
        let log = server.log();
        let lines = log.lines().filter(|line| line.contains(FAULT.as_str()));
        lines.count() as u64
    };
    eventually("the log to name the signal", || told() > 0);
    evidence.count("lines in the log that name the signal", told(), 1);
    Ok(())
}

/// The first step of lesson 03: threads are cheap, and nobody is protected from another.
pub(in crate::chapters) fn ends_all(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(3)?;
    let process = server.process();
    let first = process.pid();
    let threads = || {
        let mut threads = process.threads();
        threads.retain(|thread| *thread != first);
        threads
    };
    let clients = all_talk(&server, evidence, threads);
    let what = "threads beside the one that accepts";
    evidence.count(what, threads().len() as u64, CLIENTS as u64);
    let children = process.children().len() as u64;
    evidence.count("processes beside it", children, 0);
    break_down(process, clients.worker);
    let signal = server.wait().signal();
    let signal = signal.and_then(|number| Signal::try_from(number).ok());
    let signal = signal.map_or("nothing", Signal::as_str);
    let what = "B's thread breaks: the process dies of";
    evidence.outcome(what, signal, FAULT.as_str());
    evidence.count("clients still served", served(&clients.all), 0);
    Ok(())
}

/// Ten clients that are being served.
struct Clients<W> {
    all: Vec<Client>,
    /// The worker of B.
    worker: W,
}

/// Has A come and be silent, B come and talk, and eight more. `workers` are what the server has for them.
fn all_talk<W: PartialEq>(
    server: &Server,
    evidence: &mut Evidence,
    workers: impl Fn() -> Vec<W>,
) -> Clients<W> {
    let silent = server.connect();
    eventually("A to have a worker of its own", || workers().len() == 1);
    let of_the_silent = workers();
    let mut all = vec![server.connect()];
    evidence.count("A is silent, B talks: served", served(&all), 1);
    let its_own = |worker: &W| !of_the_silent.contains(worker);
    let Some(worker) = workers().into_iter().find(its_own) else {
        panic!("B has no worker of its own");
    };
    all.extend((2..CLIENTS).map(|_| server.connect()));
    all.push(silent);
    evidence.count("all ten talk: served", served(&all), CLIENTS as u64);
    Clients { all, worker }
}

/// Sends the fault's signal to one thread: as a fault itself does (tgkill(2)).
fn break_down(process: Process, thread: Pid) {
    let (pid, tid) = (process.pid().as_raw(), thread.as_raw());
    // SAFETY: a call that takes an address could be meant; this one takes three numbers.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, pid, tid, FAULT as libc::c_int) };
    let sent = Errno::result(sent).map(drop);
    assert_eq!(sent, Ok(()), "no signal to a thread");
}

fn served(clients: &[Client]) -> u64 {
    clients.iter().filter(|client| is_served(client)).count() as u64
}

/// Whether a byte comes back; if not, the connection has ended.
fn is_served(client: &Client) -> bool {
    let sent = client.stream().write_all(b"?");
    sent.is_ok() && client.stream().read_exact(&mut [0]).is_ok()
}
