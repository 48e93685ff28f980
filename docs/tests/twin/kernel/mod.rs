//! The kernel's half: makes the steps of a scenario with real calls, and writes down what they return, in the words of the model.
//!
//! Where delivery is immediate, as between AF_UNIX sockets, nothing has to be waited for.

mod calls;
mod files;
mod sleeper;
mod sys;
mod tcp;
mod traffic;
mod waits;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::os::fd::RawFd;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use anyhow::Context;
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, SysconfVar, sysconf};

use sleeper::Sleeper;

/// The program's descriptors begin here: what a scenario calls 3 is 203. Those below are the test's own.
const OFFSET: RawFd = 200;
/// The other ends' descriptors begin here.
const OTHERS: RawFd = 3000;

/// What is behind a descriptor, as far as a step has to know: what it counts in.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Bytes,
    Pages,
    Count,
}

/// What a step comes to: the outer error is one of the test, the inner one what the call returned.
type Outcome = anyhow::Result<sys::Result<String>>;

fn ok(outcome: sys::Result<()>) -> Outcome {
    Ok(outcome.map(|()| "ok".to_owned()))
}

fn count(outcome: sys::Result<usize>) -> Outcome {
    Ok(outcome.map(|count| count.to_string()))
}

fn page() -> sys::Result<usize> {
    let size = sysconf(SysconfVar::PAGE_SIZE)?.ok_or(Errno::EINVAL)?;
    usize::try_from(size).map_err(|_| Errno::EINVAL)
}

/// A run of a scenario. Only one at a time has the numbers from [`OFFSET`] on.
struct Run {
    /// The program's variables.
    names: HashMap<String, RawFd>,
    /// The descriptors that are open, and what each counts in.
    open: BTreeMap<RawFd, Unit>,
    /// The other ends: a name leads to a number that is never used again, and this to a descriptor while the end is open.
    peers: HashMap<String, usize>,
    ends: HashMap<usize, RawFd>,
    last_end: usize,
    /// The addresses of listeners.
    addresses: HashMap<String, Vec<u8>>,
    sleepers: BTreeMap<String, Sleeper>,
    /// The value for SO_SNDBUF with which a socket has room for eight messages.
    send_buffer: libc::c_int,
    _alone: MutexGuard<'static, ()>,
}

/// Makes the steps, and returns what each returns.
///
/// # Errors
///
/// A step that cannot be understood, or that the machine does not allow: the model is not to blame then.
pub(crate) fn trace(steps: &[String]) -> anyhow::Result<Vec<String>> {
    // On a thread of its own, because it stays on one CPU.
    thread::scope(|scope| {
        let run = scope.spawn(|| {
            stay_on_one_cpu()?;
            let mut run = Run::new()?;
            let lines = steps
                .iter()
                .map(|step| run.line(step).with_context(|| step.clone()));
            lines.collect()
        });
        run.join()
            .unwrap_or_else(|_| anyhow::bail!("the run has panicked"))
    })
}

fn stay_on_one_cpu() -> anyhow::Result<()> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let mut one = CpuSet::new();
    let cpus = 0..CpuSet::count();
    let first = cpus
        .into_iter()
        .find(|&cpu| allowed.is_set(cpu) == Ok(true));
    one.set(first.context("there is no CPU")?)?;
    Ok(sched_setaffinity(this, &one)?)
}

impl Run {
    fn new() -> anyhow::Result<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        static EMPTY: Once = Once::new();
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        EMPTY.call_once(|| {
            let _ = sys::close_from(OFFSET);
        });
        Ok(Self {
            names: HashMap::new(),
            open: BTreeMap::new(),
            peers: HashMap::new(),
            ends: HashMap::new(),
            last_end: 0,
            addresses: HashMap::new(),
            sleepers: BTreeMap::new(),
            send_buffer: files::send_buffer()?,
            _alone: alone,
        })
    }

    /// Makes a step, and returns what it returned, and after it what has returned to those that slept.
    fn line(&mut self, step: &str) -> anyhow::Result<String> {
        let result = self.step(step)?;
        let mut line = result.unwrap_or_else(|errno| format!("{errno:?}"));
        if self.sleepers.is_empty() {
            return Ok(line);
        }
        sleeper::settle(self.sleepers.values())?;
        let returned = self.sleepers.iter();
        let returned = returned.filter(|(_, sleeper)| sleeper.found().is_some());
        let names: Vec<_> = returned.map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(sleeper) = self.sleepers.remove(&name) else {
                continue;
            };
            let found = sleeper.interrupt()?;
            if step.starts_with(&format!("{name}:")) {
                line = found;
            } else {
                line = format!("{line} / {name} {found}");
            }
        }
        Ok(line)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        for (_, sleeper) in std::mem::take(&mut self.sleepers) {
            let _ = sleeper.interrupt();
        }
        for &fd in self.open.keys().chain(self.ends.values()) {
            let _ = sys::close(fd);
        }
    }
}
