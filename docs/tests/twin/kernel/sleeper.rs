//! A process that sleeps in a wait: a thread, and how to know that it sleeps.

use std::fs;
use std::os::unix::thread::JoinHandleExt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::pthread::pthread_kill;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{Pid, gettid};

/// A thread in a wait without a limit of time.
pub(super) struct Sleeper {
    thread: JoinHandle<()>,
    id: Pid,
    found: Arc<OnceLock<String>>,
}

extern "C" fn nothing(_: libc::c_int) {}

impl Sleeper {
    /// Starts a thread that makes `call`, and keeps what the call returns, in words.
    pub(super) fn start(call: impl FnOnce() -> String + Send + 'static) -> anyhow::Result<Self> {
        let (tell, id) = mpsc::sync_channel(1);
        let found = Arc::new(OnceLock::new());
        let result = Arc::clone(&found);
        let thread = thread::Builder::new().spawn(move || {
            yield_to_who_wakes();
            if tell.send(gettid()).is_ok() {
                let _ = result.set(call());
            }
        })?;
        let id = id.recv().context("the sleeper has ended")?;
        Ok(Self { thread, id, found })
    }

    /// Returns what the call has returned, if it has.
    pub(super) fn found(&self) -> Option<&String> {
        self.found.get()
    }

    /// Returns what distinguishes one sleep from the next; nothing if the thread is not asleep.
    fn sleep(&self) -> Option<String> {
        if self.found.get().is_some() {
            return Some("returned".to_owned());
        }
        let status = fs::read_to_string(format!("/proc/self/task/{}/status", self.id)).ok()?;
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let is_asleep = line("State:")?.trim_start().starts_with('S');
        is_asleep.then_some(line("voluntary_ctxt_switches:")?.to_owned())
    }

    /// Interrupts the call by a signal, and returns what the call returned then.
    pub(super) fn interrupt(self) -> anyhow::Result<String> {
        static HANDLED: Mutex<bool> = Mutex::new(false);
        let mut handled = HANDLED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*handled {
            let action = SigAction::new(
                SigHandler::Handler(nothing),
                SaFlags::empty(),
                SigSet::empty(),
            );
            // SAFETY: the handler does nothing, and nobody else in this process has one for this signal.
            unsafe { sigaction(Signal::SIGUSR1, &action) }?;
            *handled = true;
        }
        drop(handled);
        if self.found.get().is_none() {
            pthread_kill(self.thread.as_pthread_t(), Signal::SIGUSR1)?;
        }
        let joined = self.thread.join();
        joined.map_err(|_| anyhow::anyhow!("a sleeper has panicked"))?;
        self.found.get().cloned().context("a sleeper has no result")
    }
}

/// Makes the calling thread one that does not run before the thread that wakes it has ended its system call: with all of them on
/// one CPU, a step is made whole before anybody acts on it, as in the model.
fn yield_to_who_wakes() {
    let parameter = libc::sched_param { sched_priority: 0 };
    // SAFETY: the kernel reads a structure that outlives the call.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &parameter) };
}

/// Waits until each sleeper has returned or is asleep, and nobody has been woken meanwhile.
pub(super) fn settle<'a>(
    sleepers: impl Iterator<Item = &'a Sleeper> + Clone,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let look = || {
        sleepers
            .clone()
            .map(Sleeper::sleep)
            .collect::<Option<Vec<_>>>()
    };
    loop {
        let (before, after) = (look(), look());
        if before.is_some() && before == after {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("the sleepers do not come to rest");
        }
        thread::yield_now();
    }
}
