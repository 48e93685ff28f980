//! C11: what a fork copies, and when.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::{Context, ensure};
use nix::sys::prctl;
use suite::{number, page_size, seen};

use super::cost::private_kib;
use super::worker::{beside, end};
use crate::world::be_told;
use crate::{Evidence, Lab};

/// Bytes that are there before the worker is.
const MEMORY: usize = 16 << 20;
/// Faults that a worker may have besides those of the memory: of its stack, its buffers.
const OTHERS: u64 = 100;

/// Memory of 16 MiB is read, then written, by a forked child and by a thread: what faults.
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

/// Returns the faults of a specimen's worker, when it reads and when it writes, and the KiB that have become its own by
/// writing.
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

/// The specimen: a worker, `process` or `thread`, that reads all of a memory which was written before it
/// began, and then writes to each page of it, a step for each line that it is told.
pub(super) fn touch(arguments: &[String]) -> anyhow::Result<()> {
    let kind = arguments.first().context("process or thread?")?;
    // One fault would be for 2 MiB.
    prctl::set_thp_disable(true).context("cannot do without huge pages")?;
    // Of atomics, so that a thread may write to it.
    let words = (0..MEMORY / size_of::<AtomicU64>()).map(|_| AtomicU64::new(1));
    let memory: Vec<_> = words.collect();
    beside(kind, || read_and_write(&memory), || Ok(()))
}

fn read_and_write(memory: &[AtomicU64]) -> anyhow::Result<()> {
    let pages = || memory.iter().step_by(page_size() / size_of::<AtomicU64>());
    println!("ready");
    be_told()?;
    let sum: u64 = pages().map(|word| word.load(Relaxed)).sum();
    ensure!(sum > 0, "nothing was written");
    println!("read");
    be_told()?;
    pages().for_each(|word| word.store(2, Relaxed));
    println!("written");
    be_told()
}
