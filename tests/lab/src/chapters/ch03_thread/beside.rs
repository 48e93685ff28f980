//! The same client at stages 2 and 3, side by side; and many clients, most of them silent.

use std::fmt::Display;

use suite::{Process, eventually, leave, seen};

use crate::chapters::ch02_fork::cost::{Cost, of_a_client, private_kib};
use crate::world::asleep_in;
use crate::{Evidence, Lab};

/// System calls by name, faults and memory for one more client.
pub(super) fn stage_2_and_3(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let both = [of_a_client(lab, 2)?, of_a_client(lab, 3)?];
    evidence.aside("at stage", "2 · 3");
    for (label, expected) in [
        ("clone, clone3: a worker", "1 · 1"),
        ("accept4: the client", "1 · 1"),
        ("close: copies of descriptors, too", "2 · 1"),
        ("recvfrom, sendto: the bytes, the EOF", "3 · 3"),
        ("ppoll: clients, or ends of children", "2 · 0"),
        ("wait4: children that have ended", "3 · 0"),
    ] {
        let seen = side_by_side(&both, |cost| cost.calls(label));
        evidence.outcome(label, seen, expected);
    }
    let [process, thread] = &both;
    let label = "mmap: a stack";
    let seen = side_by_side(&both, |cost| cost.calls(label));
    let holds = process.calls(label) == 0 && thread.calls(label) > 0;
    evidence.shape(label, seen, "0 · 1 or more", holds);
    let seen = side_by_side(&both, |cost| cost.faults);
    let holds = process.faults > thread.faults;
    evidence.shape("page faults", seen, "more · fewer", holds);
    let seen = side_by_side(&both, |cost| cost.table_kib);
    let holds = process.table_kib > thread.table_kib;
    evidence.shape("KiB of page tables", seen, "more · fewer", holds);
    let seen = side_by_side(&both, |cost| cost.private_kib);
    evidence.aside("KiB of memory of its own", seen);
    Ok(())
}

/// Returns a figure of a process next to a thread's.
fn side_by_side<F: Display>(both: &[Cost; 2], figure: impl Fn(&Cost) -> F) -> String {
    let [process, thread] = both.each_ref().map(figure);
    format!("{process} · {thread}")
}

/// Clients at once.
const CLIENTS: usize = 200;
/// The stack that Rust requests for each thread (std::thread, "Stack size").
const STACK_KIB: u64 = 2 * 1024;

/// Each client has a thread, asleep most of the time, and each thread a stack.
pub(super) fn a_crowd_of_threads(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(3)?;
    let process = server.process();
    let before = private_kib(process);
    let clients = server.crowd(CLIENTS);
    let is_asleep = |thread: &Process| asleep_in(*thread) == "recvfrom";
    let asleep = || process.threads().into_iter().filter(is_asleep).count();
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

/// Returns the KiB of the mappings that hold the stacks of a process's threads, except the first thread's.
fn stack_kib(process: Process) -> u64 {
    let threads = process.threads().into_iter();
    let others = threads.filter(|thread| *thread != process);
    let pointers: Vec<u64> = others.map(|thread| seen(thread.stack_pointer())).collect();
    let mappings = process.mappings().into_iter();
    let mappings = mappings.map(|mapping| mapping.addresses);
    let stacks = mappings.filter(|stack| pointers.iter().any(|pointer| stack.contains(pointer)));
    stacks.map(|stack| (stack.end - stack.start) / 1024).sum()
}
