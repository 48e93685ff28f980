//! Keeping a server and its client on one processor.

use anyhow::Context;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps the calling thread, and the processes that it starts meanwhile, on one processor, until this is
/// dropped; a child inherits it (sched_setaffinity(2)).
///
/// To wake somebody on another processor can cost more than an echo (in a virtual machine, several times
/// as much), and whether that happens is up to the scheduler.
#[derive(Debug)]
pub(super) struct Pinned {
    before: CpuSet,
}

/// The calling thread.
const SELF: Pid = Pid::from_raw(0);

impl Pinned {
    /// Chooses one of the processors that the thread may run on.
    pub(super) fn here() -> anyhow::Result<Self> {
        let before = sched_getaffinity(SELF).context("cannot see where this runs")?;
        let allowed = |number: &usize| before.is_set(*number) == Ok(true);
        let number = (0..CpuSet::count()).find(allowed);
        let mut one = CpuSet::new();
        one.set(number.context("there is no processor to run on")?)?;
        sched_setaffinity(SELF, &one).context("cannot choose a processor")?;
        Ok(Self { before })
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It fails if the processors from before were all taken away, and then changes nothing.
        let _ = sched_setaffinity(SELF, &self.before);
    }
}
