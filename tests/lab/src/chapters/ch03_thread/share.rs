//! C23: what a worker shares with the task that started it.

use std::fs::File;
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::Context;
use nix::unistd::close;
use suite::{deadline, read_memory};

use crate::chapters::ch02_fork::worker::{beside, end};
use crate::world::be_told;
use crate::world::handed::word;
use crate::{Evidence, Lab};

/// A forked child and a thread each change a number and close a descriptor. What does the task that started them find?
pub(super) fn what(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (child, thread) = (look(lab, "process")?, look(lab, "thread")?);
    evidence.aside("the worker is a", "child · thread");
    let facts = [
        ("tasks of the kernel, with the first one", "2 · 2"),
        ("processes", "2 · 1"),
        ("it stores 2 over a 1: the first one reads", "1 · 2"),
        (
            "it closes a descriptor: the first one's is",
            "open · closed",
        ),
        ("flag CLONE_VM: one memory", "no · yes"),
        ("flag CLONE_FILES: one descriptor table", "no · yes"),
        ("flag CLONE_THREAD: one process", "no · yes"),
    ];
    for ((what, expected), (child, thread)) in facts.into_iter().zip(child.iter().zip(&thread)) {
        evidence.outcome(what, format!("{child} · {thread}"), expected);
    }
    Ok(())
}

/// Returns the seven facts about the task that started a worker of this kind, after the worker's changes.
fn look(lab: &Lab, kind: &str) -> anyhow::Result<[String; 7]> {
    let mut specimen = lab.specimen("share", &[kind])?;
    let place: u64 = specimen.hear()?.parse()?;
    let descriptor: i32 = specimen.hear()?.parse()?;
    let (tracer, reported) = specimen.process().watch_calls(|call| {
        let has_started = call.is_new_task() && call.result > 0;
        has_started.then(|| call.clone_flags())
    });
    specimen.go_on("changed")?;
    // The worker may have run before the call returned to its creator.
    let flags = reported.recv_timeout(deadline());
    let flags = flags.context("no worker was started")??;
    drop(tracer);
    let process = specimen.process();
    let (threads, children) = (process.threads().len(), process.children().len());
    let number = read_memory(specimen.pid(), place, size_of::<u64>())?;
    let open = process.descriptors();
    end(&mut specimen)?;
    let is_set = |flag: i32| match flags & flag as u64 {
        0 => "no".to_owned(),
        _ => "yes".to_owned(),
    };
    let is_open = open.iter().any(|(fd, _)| *fd == descriptor);
    Ok([
        (threads + children).to_string(),
        (1 + children).to_string(),
        word(&number).to_string(),
        (if is_open { "open" } else { "closed" }).to_owned(),
        is_set(libc::CLONE_VM),
        is_set(libc::CLONE_FILES),
        is_set(libc::CLONE_THREAD),
    ])
}

/// The specimen: it prints the address of a number and an open descriptor, and starts a worker, a `process` or a
/// `thread`, that changes the number and closes the descriptor.
pub(super) fn share(arguments: &[String]) -> anyhow::Result<()> {
    let kind = arguments.first().context("process or thread?")?;
    let number = AtomicU64::new(1);
    let descriptor = File::open("/dev/null")?.into_raw_fd();
    println!("{}\n{descriptor}", number.as_ptr().addr());
    be_told()?;
    let worker = || {
        number.store(2, Relaxed);
        close(descriptor)?;
        println!("changed");
        be_told()
    };
    beside(kind, worker, || Ok(()))
}
