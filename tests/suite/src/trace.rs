//! Watches the system calls of a process under test, by ptrace(2).
//!
//! The tracing itself is done by a forked child of the test process, the *engine*, and not by
//! one of its threads: the stops of a tracee whose parent is in the tracer's own process are
//! given to whichever thread waits for it, so that a `Child::wait` in the test would take a stop
//! for the exit and leave the server stopped for good. It also is the kernel's word that nobody
//! stays behind: when the engine ends, for whatever reason, all that it has traced goes on.
//!
//! Yama's `ptrace_scope` 1 forbids this to a user other than root, unless the tracee has called
//! `prctl(PR_SET_PTRACER)`: the engine is the tracee's sibling and not its ancestor.

mod call;
mod engine;
mod process;
mod stop;
mod tracees;

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{io, io::Write, mem, net::Shutdown, panic};

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use crate::deadline;
pub use call::{Call, call_name, is_wait, older_name};
use engine::{ENTRY, EXEC, EXIT, Engine, Entries, GONE, RESTART};

/// Copies from the memory of a process or thread by process_vm_readv(2), and fails if part of it is not available. Use
/// it in the hook, where the calling thread is stopped.
pub fn read_memory(pid: i32, address: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut copy = vec![0; len];
    let base = address as usize;
    let local = &mut [io::IoSliceMut::new(&mut copy)];
    match process_vm_readv(Pid::from_raw(pid), local, &[RemoteIoVec { base, len }])? {
        read if read == len => Ok(copy),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A trace of every system call of a process, its threads and its children, until it is dropped.
///
/// What the program did before something that the test can see is recorded when the test sees
/// it, save the very call that made it visible, which may still be on its way out:
/// [`Tracer::wait_until`] is for that one.
pub struct Tracer {
    engine: Engine,
    log: Arc<Log>,
    recorder: Option<JoinHandle<()>>,
}

impl Tracer {
    /// Seizes every thread of the process `pid` and returns once all of them are under trace.
    ///
    /// A call that a thread is blocked in is broken off and started anew, which the program does
    /// not see: a timeout begins again, except for those calls (poll(2), nanosleep(2)...) that
    /// the kernel resumes by restart_syscall(2); they too are recorded under their own name.
    /// On other machines than x86-64, epoll_wait(2), and calls on sockets with a timeout, give
    /// `EINTR` to the program instead, as signal(7) says they do after a stop.
    ///
    /// Fails with `TimedOut` if a thread cannot be stopped before the [`deadline`], as in the midst of vfork(2).
    pub fn attach(pid: i32) -> io::Result<Tracer> {
        Tracer::attach_with(pid, |_| ())
    }

    /// As [`Tracer::attach`]; `hook` runs at the exit of each call, before it is recorded, while
    /// the calling thread is stopped there. If it panics, the trace ends, and [`Tracer::finish`]
    /// or the drop panics with it.
    pub fn attach_with(pid: i32, hook: impl FnMut(&Call) + Send + 'static) -> io::Result<Tracer> {
        let mut engine = Engine::start()?;
        let entries = engine.seize_process(pid)?;
        let line = HangUp(engine.line.try_clone()?);
        let log = Arc::<Log>::default();
        let recorder = thread::Builder::new()
            .name(format!("tracer of {pid}"))
            .spawn({
                let log = Arc::clone(&log);
                move || record(&line.0, entries, &log, hook)
            })?;
        Ok(Tracer {
            engine,
            log,
            recorder: Some(recorder),
        })
    }

    /// Returns the calls recorded so far, in order of completion.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.log.lock();
        Log::complete(&calls);
        calls.clone()
    }

    /// Forgets what was recorded, so that a count can begin after a warm-up.
    pub fn clear(&self) {
        self.log.lock().clear();
    }

    /// Blocks until `condition` holds for the calls recorded so far; `TimedOut` after the [`deadline`].
    ///
    /// The record is locked meanwhile: `condition` must not use the tracer itself.
    pub fn wait_until(&self, condition: impl Fn(&[Call]) -> bool) -> io::Result<()> {
        let unmet = |calls: &mut Vec<Call>| !condition(calls);
        let waited = self
            .log
            .grown
            .wait_timeout_while(self.log.lock(), deadline(), unmet);
        let (_calls, end) = waited.unwrap_or_else(PoisonError::into_inner);
        if end.timed_out() {
            Err(io::ErrorKind::TimedOut.into())
        } else {
            Ok(())
        }
    }

    /// Detaches from all threads, leaving them running, and returns what was recorded. Threads blocked in a call are
    /// not disturbed.
    pub fn finish(mut self) -> Vec<Call> {
        self.stop_recording();
        let calls = mem::take(&mut *self.log.lock());
        Log::complete(&calls);
        calls
    }

    /// Before the engine ends, for a hook that is under way needs its thread stopped. With this
    /// half of the line shut, the recorder reads what is left there, then the end.
    fn stop_recording(&mut self) {
        let _ = self.engine.line.shutdown(Shutdown::Read); // fails if the recorder hung up first
        let outcome = self.recorder.take().map_or(Ok(()), JoinHandle::join);
        if let Err(panic) = outcome
            && !thread::panicking()
        {
            panic::resume_unwind(panic);
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.stop_recording();
    }
}

/// How many calls are kept. A server that calls without end would fill the memory of the one who watches it.
const MOST_CALLS: usize = 200_000;

#[derive(Default)]
struct Log {
    calls: Mutex<Vec<Call>>,
    grown: Condvar,
}

impl Log {
    /// A test's condition that panics while it looks at the calls does not harm them.
    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a call. What is beyond the bound is let go, and the record is of no use any more.
    fn push(&self, call: Call) {
        let mut calls = self.lock();
        if calls.len() <= MOST_CALLS {
            calls.push(call);
        }
        drop(calls);
        self.grown.notify_all();
    }

    /// Checks that all calls are there.
    ///
    /// # Panics
    ///
    /// If there were more than are kept.
    fn complete(calls: &[Call]) {
        assert!(
            calls.len() <= MOST_CALLS,
            "the server made more than {MOST_CALLS} system calls while it was watched"
        );
    }
}

/// The recorder's end of the line, hung up even if the hook panics: the engine, and the tracee
/// with it, would wait for its answer as long as the test keeps the [`Tracer`].
struct HangUp(UnixStream);

impl Drop for HangUp {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both); // fails if the engine hung up first
    }
}

/// Joins entries and exits into calls until the line ends. An entry is kept after its exit, for
/// restart_syscall(2) resumes the thread's last call and tells neither its number nor arguments.
fn record(mut line: &UnixStream, mut entries: Entries, log: &Log, mut hook: impl FnMut(&Call)) {
    while let Ok(report) = engine::receive(line) {
        match report {
            [ENTRY, tid, RESTART, ..] if entries.contains_key(&tid) => {}
            [ENTRY, tid, number, args @ ..] => {
                entries.insert(tid, (number, args));
            }
            [EXIT, tid, result, ..] => {
                if let Some(&(number, args)) = entries.get(&tid) {
                    let call = Call {
                        tid: tid as i32,
                        number,
                        args,
                        result: result as i64,
                    };
                    hook(&call);
                    log.push(call);
                }
                let _ = line.write_all(&[0]); // the next report fails if the engine is gone
            }
            [EXEC, tid, former, ..] => {
                let entry = entries.remove(&former);
                entries.extend(entry.map(|entry| (tid, entry)));
            }
            [GONE, tid, ..] => {
                entries.remove(&tid);
            }
            _ => {}
        }
    }
}
