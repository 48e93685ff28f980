//! Keeping a server and its client on one processor.

use anyhow::Context;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use suite::Process;

/// The calling thread, and the processes that it names, on one processor, until this is dropped.
///
/// To wake somebody on another processor can cost more than an echo (in a virtual machine, several times
/// as much), and whether that happens is up to the scheduler.
#[derive(Debug)]
pub(super) struct Pinned {
    before: CpuSet,
    one: CpuSet,
}

/// The calling thread (sched_setaffinity(2)).
const SELF: Pid = Pid::from_raw(0);

impl Pinned {
    /// Pins the calling thread to one of the processors that it may run on.
    pub(super) fn here() -> anyhow::Result<Self> {
        let before = sched_getaffinity(SELF).context("cannot see where this runs")?;
        let allowed = |number: &usize| before.is_set(*number) == Ok(true);
        let number = (0..CpuSet::count()).find(allowed);
        let mut one = CpuSet::new();
        one.set(number.context("there is no processor to run on")?)?;
        sched_setaffinity(SELF, &one).context("cannot choose a processor")?;
        Ok(Self { before, one })
    }

    /// Pins a process of one thread to the same.
    pub(super) fn pin(&self, process: Process) -> nix::Result<()> {
        sched_setaffinity(process.pid(), &self.one)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It was so before; if a processor was taken away meanwhile, the thread stays where it is.
        let _ = sched_setaffinity(SELF, &self.before);
    }
}
