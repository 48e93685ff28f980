//! The cost of one more client, from its arrival to its end; and what a fork copies, and when.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::{Context, ensure};
use nix::sys::prctl;
use suite::{Call, Process, eventually, number, page_size, seen};

use super::worker::{beside, end};
use crate::world::{asleep_in, be_told};
use crate::{Evidence, Lab};

/// The calls and the memory of a stage for one client.
#[derive(Debug)]
pub(crate) struct Cost {
    /// The system calls of all its processes and threads.
    calls: Vec<Call>,
    /// Page faults of all of them until the client was answered.
    pub(crate) faults: u64,
    /// KiB of private memory, for this client alone.
    pub(crate) private_kib: u64,
    /// KiB of page tables for this client alone.
    pub(crate) table_kib: u64,
}

impl Cost {
    /// Returns how many calls were made of those that begin `label`, as in "recvfrom, sendto: the bytes". Relatives of
    /// clone count as clone, because the C library chooses between them.
    pub(crate) fn calls(&self, label: &str) -> usize {
        let names = label.split(':').next().unwrap_or_default();
        let is_named = |call: &&Call| {
            let is = |name| name == call.name() || name == "clone" && call.is_new_task();
            names.split(", ").any(is)
        };
        self.calls.iter().filter(is_named).count()
    }
}

/// Has a client come to stage `number`, send five bytes, and leave, while another is connected.
pub(crate) fn of_a_client(lab: &Lab, number: u8) -> anyhow::Result<Cost> {
    let server = lab.start(number)?;
    let process = server.process();
    let tracer = server.trace();
    let other = server.connect();
    other.echo(b"first");
    // The server may still be returning from the call that answered.
    let answered = tracer.wait_until(|calls| calls.iter().any(Call::is_write));
    answered.context("the answer is not in the trace")?;
    let call = || asleep_in(process);
    eventually("the server to wait", || {
        matches!(call(), "ppoll" | "accept4")
    });
    let waiting = call();
    let rests = || eventually("the server to wait again", || call() == waiting);
    let (tasks_before, known) = (tasks(process), process.children());
    let (before, faults) = (memory(process), faults(process));
    tracer.clear();
    let client = server.connect();
    client.echo(b"hello");
    rests();
    let faults = self::faults(process) - faults;
    let mut children = process.children().into_iter();
    let child = children.find(|child| !known.contains(child));
    let [private_kib, table_kib] = match child {
        Some(child) => memory(child),
        None => {
            let now = memory(process);
            [0, 1].map(|at| now[at].saturating_sub(before[at]))
        }
    };
    drop(client);
    let ended = || tasks(process) == tasks_before;
    eventually("the process or thread of the client to end", ended);
    rests();
    Ok(Cost {
        calls: tracer.finish(),
        faults,
        private_kib,
        table_kib,
    })
}

/// The lesson's step: what stage 2 does for a client.
pub(super) fn of_stage_2(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let cost = of_a_client(lab, 2)?;
    for (label, expected) in [
        ("clone: the fork", 1),
        ("accept4: takes it in", 1),
        ("ppoll: it comes, its child ends", 2),
        ("close: the parent's copy, the child's listener", 2),
        ("recvfrom, sendto: the bytes, the EOF", 3),
        ("wait4: twice in vain, once a child", 3),
    ] {
        evidence.count(label, cost.calls(label), expected);
    }
    // How much memory the two touch depends on the C library and on Rust's.
    for (what, seen, most) in [
        ("page faults of parent and child", cost.faults, 500),
        ("KiB that are the child's own", cost.private_kib, 1_000),
        ("KiB of page tables of its own", cost.table_kib, 1_000),
    ] {
        evidence.count(what, seen, 5..=most);
    }
    Ok(())
}

/// Returns the KiB of a process's private memory, and those of its page tables.
fn memory(process: Process) -> [u64; 2] {
    [private_kib(process), seen(process.status("VmPTE"))]
}

/// Returns the KiB of private memory that belong to no file (Private_Dirty): pages copied since a fork, and new ones.
/// Pages of files do not count, because they turn clean by themselves.
pub(crate) fn private_kib(process: Process) -> u64 {
    let mappings = process.mappings().into_iter();
    let own = mappings.filter(|mapping| mapping.file.is_none());
    own.map(|mapping| seen(mapping.kib("Private_Dirty"))).sum()
}

/// Returns the minor page faults of a process and its children.
fn faults(process: Process) -> u64 {
    let family = process.family().into_iter();
    family.map(|process| seen(process.minor_faults())).sum()
}

/// Returns the number of threads and children, which are all tasks to the kernel.
fn tasks(process: Process) -> usize {
    process.threads().len() + process.children().len()
}

/// Bytes of memory that exist before the worker does.
const MEMORY: usize = 16 << 20;
/// Faults that a worker may have elsewhere: in its stack, in its buffers.
const OTHERS: u64 = 100;

/// Counts the faults when a forked child, or a thread, reads and then writes 16 MiB.
pub(super) fn on_write(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let pages = (MEMORY / page_size()) as u64;
    evidence.aside("pages that are there before", number(pages));
    let ([reading, writing], copied) = watch(lab, "process")?;
    evidence.count("faults: a child reads them all", reading, ..=OTHERS);
    let each = pages..=pages + OTHERS;
    evidence.count("faults: a child writes to each", writing, each);
    let all = MEMORY / 1024;
    evidence.count("KiB that have become the child's own", copied, all..);
    let ([reading, writing], _) = watch(lab, "thread")?;
    evidence.count("faults: a thread reads them all", reading, ..=OTHERS);
    evidence.count("faults: a thread writes to each", writing, ..=OTHERS);
    Ok(())
}

/// Returns the faults of a specimen's worker when it reads and when it writes, and the KiB that writing has made its
/// own.
fn watch(lab: &Lab, worker: &str) -> anyhow::Result<([u64; 2], u64)> {
    let mut specimen = lab.specimen("touch", &[worker])?;
    specimen.expect("ready")?;
    let family = specimen.process().children();
    let worker = family.first().copied().unwrap_or(specimen.process());
    let figures = || (seen(worker.minor_faults()), private_kib(worker));
    let (before, _) = figures();
    specimen.go_on("read")?;
    let (read, shared) = figures();
    specimen.go_on("written")?;
    let (written, own) = figures();
    end(&mut specimen)?;
    let faults = [read - before, written - read];
    Ok((faults, own.saturating_sub(shared)))
}

/// The specimen: a worker, `process` or `thread`, that reads all of a memory written before it began, and then writes
/// to each page. Each line of input starts a step.
pub(super) fn touch(arguments: &[String]) -> anyhow::Result<()> {
    let kind = arguments.first().context("process or thread?")?;
    // With huge pages, one fault would cover 2 MiB.
    prctl::set_thp_disable(true).context("cannot turn huge pages off")?;
    // The memory consists of atomics, so that a thread may write to it.
    let words = (0..MEMORY / size_of::<AtomicU64>()).map(|_| AtomicU64::new(1));
    let memory: Vec<_> = words.collect();
    beside(kind, || read_and_write(&memory), || Ok(()))
}

fn read_and_write(memory: &[AtomicU64]) -> anyhow::Result<()> {
    let pages = || memory.iter().step_by(page_size() / size_of::<AtomicU64>());
    println!("ready");
    be_told()?;
    let sum: u64 = pages().map(|word| word.load(Relaxed)).sum();
    ensure!(sum > 0, "the memory was not written");
    println!("read");
    be_told()?;
    pages().for_each(|word| word.store(2, Relaxed));
    println!("written");
    be_told()
}
