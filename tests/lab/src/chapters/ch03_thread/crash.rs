//! One process with a thread for each client, and a fault in one of them.

use std::os::unix::process::ExitStatusExt;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use suite::{Client, Process, eventually};

use crate::chapters::ch02_fork::crash::{CLIENTS, FAULT, is_served};
use crate::world::attempt;
use crate::{Evidence, Lab};

/// The lesson's first step: threads are cheap, and nobody is protected from another.
pub(crate) fn ends_all(lab: &Lab) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::new();
    let server = lab.start(3)?;
    attempt(|| {
        let process = server.process();
        let silent = server.connect();
        eventually("A to have a thread of its own", || {
            process.threads().len() == 2
        });
        let before = process.threads();
        let mut clients = vec![server.connect()];
        evidence.count("A is silent, B talks: served", served(&clients), 1);
        let mut threads = process.threads();
        threads.retain(|thread| !before.contains(thread));
        clients.extend((2..CLIENTS).map(|_| server.connect()));
        clients.push(silent);
        let all = CLIENTS as u64;
        evidence.count("all ten talk: served", served(&clients), all);
        let beside = process.threads().len() as u64 - 1;
        evidence.count("threads beside the one that accepts", beside, all);
        evidence.count("processes beside it", process.children().len() as u64, 0);
        threads
            .iter()
            .for_each(|thread| break_down(process, *thread));
        let signal = server
            .wait()
            .signal()
            .and_then(|number| Signal::try_from(number).ok());
        let signal = signal.map_or("nothing", Signal::as_str);
        evidence.outcome(
            "B's thread breaks: the process dies of",
            signal,
            FAULT.as_str(),
        );
        evidence.count("clients still served", served(&clients), 0);
    })?;
    Ok(evidence)
}

fn served(clients: &[Client]) -> u64 {
    clients.iter().filter(|client| is_served(client)).count() as u64
}

/// Sends the fault's signal to one thread: as a fault itself does (tgkill(2)).
fn break_down(process: Process, thread: Pid) {
    let (pid, tid) = (process.pid().as_raw(), thread.as_raw());
    // SAFETY: a call that takes an address could be meant; this one takes three numbers.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, pid, tid, FAULT as libc::c_int) };
    assert_eq!(
        Errno::result(sent).map(drop),
        Ok(()),
        "no signal to a thread"
    );
}
