//! C11: what a fork copies, and when.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::footprint::{minor_faults, private_kib};
use super::worker::{beside, end, hear};
use crate::world::Specimen;
use crate::{Evidence, Expected, Lab};
use anyhow::{Context, ensure};
use nix::sys::prctl;
use suite::{number, page_size};

/// Bytes that are there before the worker is.
const MEMORY: usize = 16 << 20;
/// Faults that a worker may have beside those of the memory: of its stack, its buffers.
const OTHERS: u64 = 100;

/// Memory of 16 MiB is read, then written, by a forked child and by a thread: what faults.
pub(super) fn on_write(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let pages = (MEMORY / page_size()) as u64;
    evidence.aside("pages that are there before", number(pages));
    let few = Expected::AtMost(OTHERS);
    let (child, thread) = (watch(lab, "process")?, watch(lab, "thread")?);
    evidence.count("faults: a child reads them all", child.reading, few);
    let each = Expected::Between(pages, pages + OTHERS);
    evidence.count("faults: a child writes to each", child.writing, each);
    let all = Expected::AtLeast((MEMORY / 1024) as u64);
    evidence.count("KiB that have become the child's own", child.copied, all);
    evidence.count("faults: a thread reads them all", thread.reading, few);
    evidence.count("faults: a thread writes to each", thread.writing, few);
    Ok(())
}

/// The faults of a specimen's worker.
struct WorkerFaults {
    reading: u64,
    writing: u64,
    copied: u64,
}

fn watch(lab: &Lab, worker: &str) -> anyhow::Result<WorkerFaults> {
    let mut specimen = lab.specimen("touch", &[worker])?;
    specimen.expect("ready")?;
    let family = specimen.process().children();
    let worker = family.first().copied().unwrap_or(specimen.process());
    let before = minor_faults(worker);
    step(&mut specimen, "read")?;
    let (read, shared) = (minor_faults(worker), private_kib(worker));
    step(&mut specimen, "written")?;
    let (written, own) = (minor_faults(worker), private_kib(worker));
    end(&mut specimen)?;
    Ok(WorkerFaults {
        reading: read - before,
        writing: written - read,
        copied: own.saturating_sub(shared),
    })
}

/// Has the worker do a step, to its end.
fn step(specimen: &mut Specimen, done: &str) -> anyhow::Result<()> {
    specimen.tell("go")?;
    specimen.expect(done)
}

/// The specimen: a worker, `process` or `thread`, that reads all of a memory which was written before it
/// began, and then writes to each page of it, a step for each line that it is told.
pub(super) fn touch(arguments: &[String]) -> anyhow::Result<()> {
    let kind = arguments.first().context("process or thread?")?;
    let memory = Memory::new()?;
    beside(kind, || memory.read_and_write(), || Ok(()))
}

/// Memory that belongs to this process alone, until it forks. Of atomics, so that a thread may write to it.
struct Memory(Vec<AtomicU64>);

impl Memory {
    /// Takes it, and writes to all of it.
    fn new() -> anyhow::Result<Self> {
        // One fault would be for 2 MiB.
        prctl::set_thp_disable(true).context("cannot do without huge pages")?;
        let words = (0..MEMORY / size_of::<AtomicU64>()).map(|_| AtomicU64::new(1));
        Ok(Self(words.collect()))
    }

    /// A word of each page.
    fn pages(&self) -> anyhow::Result<impl Iterator<Item = &AtomicU64>> {
        Ok(self.0.iter().step_by(page_size() / size_of::<AtomicU64>()))
    }

    fn read_and_write(&self) -> anyhow::Result<()> {
        println!("ready");
        hear()?;
        let sum: u64 = self.pages()?.map(|word| word.load(Relaxed)).sum();
        ensure!(sum > 0, "nothing was written");
        println!("read");
        hear()?;
        self.pages()?.for_each(|word| word.store(2, Relaxed));
        println!("written");
        hear()
    }
}
