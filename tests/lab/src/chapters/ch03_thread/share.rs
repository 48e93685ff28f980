//! C23: what a worker has in common with the one that has started it.

use std::fs::File;
use std::io;
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::channel;

use anyhow::Context;
use nix::unistd::close;
use suite::{Call, deadline, read_memory};

use super::beside::side_by_side;
use crate::chapters::ch02_fork::worker::{beside, end};
use crate::world::be_told;
use crate::{Evidence, Lab};

/// The number that both see at first, and the one that the worker puts in its place.
const OLD: u64 = 1;
const NEW: u64 = 2;

/// A forked child and a thread each change a number, and close a descriptor: what the first one has then.
pub(super) fn what(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let both = [look(lab, "process")?, look(lab, "thread")?];
    evidence.aside("the worker is a", "child · thread");
    let seen = side_by_side(&both, |seen| seen.tasks);
    evidence.outcome("tasks of the kernel, with the first one", seen, "2 · 2");
    let seen = side_by_side(&both, |seen| seen.processes);
    evidence.outcome("processes", seen, "2 · 1");
    let seen = side_by_side(&both, |seen| seen.number);
    evidence.outcome("it stores 2 over a 1: the first one reads", seen, "1 · 2");
    let seen = side_by_side(&both, |seen| if seen.is_open { "open" } else { "closed" });
    let what = "it closes a descriptor: the first one's is";
    evidence.outcome(what, seen, "open · closed");
    for (what, flag) in [
        ("flag CLONE_VM: one memory", libc::CLONE_VM),
        ("flag CLONE_FILES: one descriptor table", libc::CLONE_FILES),
        ("flag CLONE_THREAD: one process", libc::CLONE_THREAD),
    ] {
        let is_set = |seen: &AfterChange| seen.flags & flag as u64 != 0;
        let seen = side_by_side(&both, |seen| if is_set(seen) { "yes" } else { "no" });
        evidence.outcome(what, seen, "no · yes");
    }
    Ok(())
}

/// The state of the task that has started a worker, after the worker has changed it.
struct AfterChange {
    tasks: usize,
    processes: usize,
    number: u64,
    is_open: bool,
    /// The flags by which the kernel was told what to share.
    flags: u64,
}

fn look(lab: &Lab, kind: &str) -> anyhow::Result<AfterChange> {
    let mut specimen = lab.specimen("share", &[kind])?;
    let place: u64 = specimen.hear()?.parse()?;
    let descriptor: i32 = specimen.hear()?.parse()?;
    let (report, reported) = channel();
    let tracer = lab.trace_with(specimen.pid(), move |call| {
        if call.is_new_task() && call.result > 0 {
            // Nobody listens any more once the first one was reported.
            let _ = report.send(flags(call));
        }
    })?;
    specimen.go_on("changed")?;
    // The worker may have run before its maker was out of the call.
    let flags = reported.recv_timeout(deadline());
    let flags = flags.context("nothing was started")??;
    drop(tracer);
    let process = specimen.process();
    let (threads, children) = (process.threads().len(), process.children().len());
    let number = read_memory(specimen.pid(), place, size_of::<u64>())?;
    let open = process.descriptors();
    end(&mut specimen)?;
    Ok(AfterChange {
        tasks: threads + children,
        processes: 1 + children,
        number: u64::from_ne_bytes(number.as_slice().try_into()?),
        is_open: open.iter().any(|(fd, _)| *fd == descriptor),
        flags,
    })
}

/// Returns the flags of a call that made a process or a thread (clone(2)): clone3 has them in memory, at the
/// beginning of what it is given; the caller must be stopped.
fn flags(call: &Call) -> io::Result<u64> {
    match call.name() {
        "clone3" => {
            let bytes = read_memory(call.tid, call.args[0], size_of::<u64>())?;
            Ok(bytes.try_into().map_or(0, u64::from_ne_bytes))
        }
        "clone" => Ok(call.args[0]),
        _ => Ok(0),
    }
}

/// The specimen: it says where a number is, and which descriptor it has open, and starts a worker, a
/// `process` or a `thread`, that changes the one and closes the other.
pub(super) fn share(arguments: &[String]) -> anyhow::Result<()> {
    let kind = arguments.first().context("process or thread?")?;
    let number = AtomicU64::new(OLD);
    let descriptor = File::open("/dev/null")?.into_raw_fd();
    println!("{}\n{descriptor}", number.as_ptr().addr());
    be_told()?;
    let worker = || {
        number.store(NEW, Relaxed);
        close(descriptor)?;
        println!("changed");
        be_told()
    };
    beside(kind, worker, || Ok(()))
}
