//! Pins load and server to a core each, so that neither waits for the other.

use anyhow::Context;
use nix::sched::{CloneFlags, CpuSet, sched_getaffinity, sched_setaffinity, unshare};
use nix::unistd::Pid;
use suite::Process;

/// The calling thread.
const SELF: Pid = Pid::from_raw(0);

/// Cores that this process may use: the first for servers, the last for the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cores {
    server: usize,
    load: usize,
}

impl Cores {
    /// Returns two different cores, or `None` if there is only one. Call it before this thread is pinned.
    pub(crate) fn two() -> Option<Self> {
        let allowed = sched_getaffinity(SELF).ok()?;
        let mut cores = numbers(&allowed);
        let (server, load) = (cores.next()?, cores.next_back()?);
        Some(Self { server, load })
    }

    /// Pins this thread, which is the load, and all threads of `server` and its children to their cores. A process
    /// started later inherits its parent's core. Returns the errors of sched_setaffinity(2): EPERM if the server is
    /// another user's.
    pub(crate) fn assign(self, server: Process) -> anyhow::Result<()> {
        for thread in server.family_threads() {
            put(thread.pid(), self.server).context("cannot put the server on a core")?;
        }
        put(SELF, self.load).context("cannot put the load on a core")
    }
}

/// Restores this thread's cores when dropped.
#[derive(Debug)]
#[must_use]
pub struct Restore(Option<CpuSet>);

impl Restore {
    /// Remembers the cores of this thread.
    pub fn later() -> Self {
        Self(sched_getaffinity(SELF).ok())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if let Some(cores) = &self.0 {
            // This fails if all these cores have since been taken away, and then changes nothing.
            let _ = sched_setaffinity(SELF, cores);
        }
    }
}

/// Keeps this thread, and the processes it starts, on one core until the result is dropped. Waking a process on another
/// core can cost more than an echo, in a virtual machine several times as much, and the scheduler decides whether that
/// happens.
///
/// # Errors
///
/// Returns the errors of sched_getaffinity(2) and sched_setaffinity(2).
pub fn stay_on_one_core() -> anyhow::Result<Restore> {
    let before = sched_getaffinity(SELF).context("cannot see where this runs")?;
    let core = numbers(&before)
        .next()
        .context("this process may run on no core")?;
    put(SELF, core).context("cannot pin this thread to a core")?;
    Ok(Restore(Some(before)))
}

/// Gives this thread a descriptor table of its own, so that the kernel looks up a descriptor without counting
/// references at each call (fdget, in fs/file.c). The program's other thread, which waits for signals, keeps what is
/// open now, so call this before anything is opened.
pub fn own_descriptors() {
    // The load works without it, and costs a little more.
    let _ = unshare(CloneFlags::CLONE_FILES);
}

fn numbers(cores: &CpuSet) -> impl DoubleEndedIterator<Item = usize> {
    (0..CpuSet::count()).filter(|core| cores.is_set(*core) == Ok(true))
}

fn put(thread: Pid, core: usize) -> nix::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    sched_setaffinity(thread, &cores)
}
