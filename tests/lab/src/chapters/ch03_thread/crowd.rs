//! Many clients, most of which say nothing: what their threads are.

use suite::{Process, call_name, eventually, leave, seen};

use crate::chapters::ch02_fork::cost::private_kib;
use crate::world::crowd;
use crate::{Evidence, Lab};

/// Clients at once.
const CLIENTS: usize = 200;
/// The stack that Rust asks for, for each thread (std::thread, "Stack size").
const STACK_KIB: u64 = 2 * 1024;

/// Each client has a thread, and each thread a stack: asleep, most of the time.
pub(super) fn of_threads(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(3)?;
    let process = server.process();
    let before = private_kib(process);
    let clients = crowd(&server, CLIENTS);
    let asleep = || {
        process
            .threads()
            .iter()
            .filter(|tid| reads(tid.as_raw()))
            .count()
    };
    eventually("all threads to be asleep", || asleep() == CLIENTS);
    let threads = process.threads().len();
    evidence.count("threads, one of which accepts", threads, 1 + CLIENTS);
    evidence.count("threads asleep in recvfrom", asleep(), CLIENTS);
    let reserved = stack_kib(process) / CLIENTS as u64;
    let what = "KiB of addresses that each has for its stack";
    evidence.count(what, reserved, STACK_KIB..);
    let own = (private_kib(process) - before) / CLIENTS as u64;
    evidence.count("KiB of memory for each", own, 4..=200);
    leave(clients);
    Ok(())
}

/// Returns whether a thread sleeps in a read.
fn reads(thread: i32) -> bool {
    let call = Process::new(thread).blocked_in();
    call.is_some_and(|(number, _)| call_name(number) == "recvfrom")
}

/// Returns the KiB of the mappings that hold the stacks of a process's threads, except the first one's.
fn stack_kib(process: Process) -> u64 {
    let mut threads = process.threads();
    threads.retain(|thread| *thread != process.pid());
    let pointer =
        |thread: &_| seen(Process::new(nix::unistd::Pid::as_raw(*thread)).stack_pointer());
    let pointers: Vec<u64> = threads.iter().map(pointer).collect();
    let mappings = process
        .mappings()
        .into_iter()
        .map(|mapping| mapping.addresses);
    let stacks = mappings.filter(|stack| pointers.iter().any(|pointer| stack.contains(pointer)));
    stacks.map(|stack| (stack.end - stack.start) / 1024).sum()
}
