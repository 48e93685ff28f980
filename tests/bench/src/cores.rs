//! Load and server on a core each: then neither waits for the other's time.

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
    /// Returns two different ones; `None` if there is only one. Ask before this thread is put on one.
    pub(crate) fn two() -> Option<Self> {
        let allowed = sched_getaffinity(SELF).ok()?;
        let mut cores = numbers(&allowed);
        let (server, load) = (cores.next()?, cores.next_back()?);
        Some(Self { server, load })
    }

    /// Puts this thread, which is the load, and all threads of `server` and of what it has started on
    /// their cores. A process that is started later is on the core of its maker. Returns the errors of
    /// sched_setaffinity(2): EPERM if the server is another user's.
    pub(crate) fn assign(self, server: Process) -> anyhow::Result<()> {
        for thread in server.family().into_iter().flat_map(Process::threads) {
            put(thread, self.server).context("cannot put the server on a core")?;
        }
        put(SELF, self.load).context("cannot put the load on a core")
    }
}

/// Gives this thread back the cores that it had, when it is dropped.
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
            // It fails if all these cores were taken away, and then changes nothing.
            let _ = sched_setaffinity(SELF, cores);
        }
    }
}

/// Keeps this thread, and the processes that it starts meanwhile, on one core until the result is dropped. Waking a
/// process on another core can cost more than an echo (in a virtual machine, several times as much), and whether that
/// happens is up to the scheduler.
///
/// # Errors
///
/// Returns the errors of sched_getaffinity(2) and sched_setaffinity(2).
pub fn stay_on_one_core() -> anyhow::Result<Restore> {
    let before = sched_getaffinity(SELF).context("cannot see where this runs")?;
    let core = numbers(&before)
        .next()
        .context("there is no core to run on")?;
    put(SELF, core).context("cannot stay on a core")?;
    Ok(Restore(Some(before)))
}

/// Gives this thread a table of descriptors that no other thread shares: then the kernel finds a descriptor
/// without counting references to it, at each call (fdget, in fs/file.c). The other thread of the program,
/// which waits for signals, keeps what is open now: so call this before anything is opened.
pub fn own_descriptors() {
    // Without it the load works as well, and costs a little more.
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
