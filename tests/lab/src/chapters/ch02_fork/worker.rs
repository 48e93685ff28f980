//! Specimens with a second worker: a forked child, or a thread.

use std::thread;

use anyhow::{Context, anyhow, bail, ensure};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork, getppid};

use crate::world::Specimen;

/// Has a worker, a `process` or a `thread`, do `theirs` while the caller does `ours`, and waits for its end. It is for
/// specimens only: the process must have a single thread.
pub(crate) fn beside(
    kind: &str,
    theirs: impl FnOnce() -> anyhow::Result<()> + Send,
    ours: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (theirs, ours) = (|| between_marks(theirs), || between_marks(ours));
    match kind {
        "thread" => thread::scope(|scope| {
            let worker = scope.spawn(theirs);
            let done = ours();
            let end = worker.join().map_err(|_| anyhow!("the thread panicked"));
            done.and(end?)
        }),
        // SAFETY: in a process of several threads, the child could find a lock taken forever; this one
        // has a single thread.
        "process" => match unsafe { fork() }.context("cannot fork")? {
            ForkResult::Child => live(theirs),
            ForkResult::Parent { child } => {
                let done = ours();
                let end = waitpid(child, None)?;
                ensure!(
                    end == WaitStatus::Exited(child, 0),
                    "the child ended badly: {end:?}"
                );
                done
            }
        },
        _ => bail!("a worker is a process or a thread, not a {kind}"),
    }
}

/// Marks the beginning and the end of an action in a trace, by getppid(2), which changes nothing.
fn between_marks(action: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    getppid();
    let done = action();
    getppid();
    done
}

/// Runs the child from start to exit. The child does not outlive its parent, whatever happens.
fn live(theirs: impl FnOnce() -> anyhow::Result<()>) -> ! {
    let bound = set_pdeathsig(Signal::SIGKILL).map_err(anyhow::Error::from);
    let done = bound.and_then(|()| theirs());
    // SAFETY: `exit` would run the parent's exit handlers a second time; this runs none.
    unsafe { libc::_exit(i32::from(done.is_err())) }
}

/// Ends a specimen and its worker by closing its input. Fails if it does not exit with 0.
pub(crate) fn end(specimen: &mut Specimen) -> anyhow::Result<()> {
    let status = specimen.end()?;
    ensure!(status.success(), "a specimen ended badly: {status}");
    Ok(())
}
