//! What runs in the engine, the forked process that makes the ptrace(2) calls. Nothing in here
//! may allocate or take a lock: see the fork.

use std::ffi::c_uint;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::unistd::{Pid, alarm};

use crate::deadline;

use super::engine::{ENTRY, EXEC, EXIT, GONE, REFUSED, Report, send};
use super::stop::{Stop, wait};

/// More than a program under test has threads at a time.
const MOST_LOOSE: usize = 4096;

pub(super) struct Tracees<'a> {
    line: &'a UnixStream,
    /// The threads that are in no call, and so may come to a stop at the entry of one.
    loose: Vec<Pid>,
    /// How long they may take to stop.
    deadline: Duration,
}

impl Tracees<'_> {
    /// For the time before the fork, as it allocates, and to know the deadline may take a lock.
    pub(super) fn new(line: &UnixStream) -> Tracees<'_> {
        Tracees {
            line,
            loose: Vec::with_capacity(MOST_LOOSE),
            deadline: deadline(),
        }
    }

    /// The life of the engine, until it is told to end, the line is shut or nobody is left.
    /// That it is `extern "C"` makes a panic abort rather than unwind into the test's frames.
    pub(super) extern "C" fn serve(&mut self) -> ! {
        self.close_all_but_line();
        let _ = self.serve_line();
        let _ = self.let_go();
        // SAFETY: no hazard, but what it avoids: exit(3) runs the test process's own handlers.
        unsafe { libc::_exit(0) }
    }

    /// The test's sockets and pipes would stay open here after the test has closed them.
    fn close_all_but_line(&self) {
        let fd = self.line.as_raw_fd() as c_uint;
        for (first, last) in [(0, fd.saturating_sub(1)), (fd + 1, c_uint::MAX)] {
            // SAFETY: this takes descriptors from under their owners, but none of those runs in this
            // process, except for the line, which stays.
            unsafe { libc::close_range(first, last, 0) };
        }
    }

    fn serve_line(&mut self) -> io::Result<()> {
        let signals = SigSet::from_iter([Signal::SIGCHLD, Signal::SIGTERM]);
        signals.thread_set_mask()?;
        // SAFETY: a handler would run in the middle of anything; this one takes away the test
        // process's, if any, that may have asked not to hear of stops.
        unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl)? };
        self.seize_on_demand()?;
        self.follow(&signals)
    }

    /// Takes a thread at a time from the line, until a zero.
    fn seize_on_demand(&mut self) -> io::Result<()> {
        loop {
            let mut tid = [0; 4];
            self.line.read_exact(&mut tid)?;
            let answer = match i32::from_ne_bytes(tid) {
                0 => return Ok(()),
                tid => self.seize(Pid::from_raw(tid)),
            };
            send(
                self.line,
                answer.unwrap_or_else(|e| [REFUSED, 0, e as u64, 0, 0, 0, 0, 0, 0]),
            )?;
        }
    }

    /// PTRACE_SYSCALL needs a stopped thread, hence the interruption. Whichever stop comes first
    /// will do, for it takes the place of the one asked for.
    fn seize(&mut self, tid: Pid) -> nix::Result<Report> {
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC;
        ptrace::seize(tid, options)?;
        ptrace::interrupt(tid)?;
        let (_, stop) = wait(tid, 0)?.ok_or(Errno::ECHILD)?;
        let entry = mend_interrupted(tid)?;
        self.go_on(tid, stop)?;
        Ok(entry)
    }

    /// Ends with an error if there is nobody to follow, or nobody to report to.
    fn follow(&mut self, signals: &SigSet) -> io::Result<()> {
        loop {
            let (tid, stop) = next_stop(signals)?;
            if let Err(hung_up) = self.report(tid, stop) {
                self.release(tid, stop)?;
                return Err(hung_up);
            }
            self.go_on(tid, stop)?;
        }
    }

    fn report(&self, tid: Pid, stop: Stop) -> io::Result<()> {
        let mut line = self.line;
        let thread = tid.as_raw() as u64;
        match stop {
            Stop::Entry(number, [a, b, c, d, e, f]) => {
                send(line, [ENTRY, thread, number, a, b, c, d, e, f])
            }
            Stop::Exit(result) => {
                send(line, [EXIT, thread, result, 0, 0, 0, 0, 0, 0])?;
                line.read_exact(&mut [0])
            }
            Stop::Exec(former) => send(line, [EXEC, thread, former, 0, 0, 0, 0, 0, 0]),
            Stop::Gone => send(line, [GONE, thread, 0, 0, 0, 0, 0, 0, 0]),
            Stop::Signal(_) | Stop::Group | Stop::Trap | Stop::Event => Ok(()),
        }
    }

    /// Signals are passed on. A thread that SIGSTOP has stopped must stay so until SIGCONT, which
    /// PTRACE_LISTEN brings about: PTRACE_SYSCALL would set it running.
    fn go_on(&mut self, tid: Pid, stop: Stop) -> nix::Result<()> {
        match stop {
            Stop::Entry(..) | Stop::Group | Stop::Gone => self.loose.retain(|other| *other != tid),
            Stop::Exit(_) | Stop::Signal(_) | Stop::Trap => self.add_loose(tid),
            Stop::Exec(_) | Stop::Event => {} // in the midst of a call
        }
        match stop {
            Stop::Gone => Ok(()),
            Stop::Group => resume(tid, libc::PTRACE_LISTEN, 0),
            Stop::Signal(signal) => resume(tid, libc::PTRACE_SYSCALL, signal),
            _ => resume(tid, libc::PTRACE_SYSCALL, 0),
        }
    }

    fn add_loose(&mut self, tid: Pid) {
        if !self.loose.contains(&tid) && self.loose.len() < MOST_LOOSE {
            self.loose.push(tid);
        }
    }

    /// Detaches from the loose; from the rest, the engine's end does. Let go of at the entry of
    /// epoll_wait(2) and the like, a thread would find itself interrupted, and give EINTR.
    fn let_go(&mut self) -> nix::Result<()> {
        alarm::set(self.deadline.as_secs() as c_uint); // kills the engine, should a thread never stop
        self.loose.retain(|tid| ptrace::interrupt(*tid).is_ok());
        while !self.loose.is_empty() {
            let (tid, stop) = wait(Pid::from_raw(-1), 0)?.ok_or(Errno::ECHILD)?;
            self.release(tid, stop)?;
        }
        Ok(())
    }

    fn release(&mut self, tid: Pid, stop: Stop) -> nix::Result<()> {
        self.loose.retain(|other| *other != tid);
        match stop {
            Stop::Gone => Ok(()),
            Stop::Entry(..) => {
                self.add_loose(tid);
                resume(tid, libc::PTRACE_SYSCALL, 0)?;
                survived(ptrace::interrupt(tid))
            }
            Stop::Signal(signal) => resume(tid, libc::PTRACE_DETACH, signal),
            _ => {
                survived(mend_interrupted(tid).map(drop))?;
                resume(tid, libc::PTRACE_DETACH, 0)
            }
        }
    }
}

/// Fails with EINTR if the test process asks for the end. To wait for signals, and not in
/// waitpid(2), misses none: they are blocked otherwise.
fn next_stop(signals: &SigSet) -> nix::Result<(Pid, Stop)> {
    loop {
        if let Some(next) = wait(Pid::from_raw(-1), libc::WNOHANG)? {
            return Ok(next);
        }
        if signals.wait()? == Signal::SIGTERM {
            return Err(Errno::EINTR);
        }
    }
}

/// Not nix's, which have neither PTRACE_LISTEN nor real-time signals.
fn resume(tid: Pid, request: c_uint, signal: i32) -> nix::Result<()> {
    // SAFETY: ptrace(2) is variadic, and takes what is not given, or not of a pointer's size, from
    // garbage; these requests touch no memory of ours.
    let done = unsafe { libc::ptrace(request, tid.as_raw(), 0_usize, signal as usize) };
    survived(Errno::result(done).map(drop))
}

/// A thread can be killed at any time while it is stopped; its end is then reported later.
fn survived(outcome: nix::Result<()>) -> nix::Result<()> {
    if outcome == Err(Errno::ESRCH) {
        Ok(())
    } else {
        outcome
    }
}

/// Has the kernel start again the call, if any, that an interruption has broken off with EINTR,
/// and tells which it is. As the kernel makes EINTR of ERESTARTNOHAND if a signal with a handler
/// is pending, the program sees what it would without a tracer. Of all calls, only close(2) must
/// not be repeated.
#[cfg(target_arch = "x86_64")]
fn mend_interrupted(tid: Pid) -> nix::Result<Report> {
    const EINTR: u64 = -(libc::EINTR as i64) as u64;
    const ERESTARTNOHAND: u64 = -514_i64 as u64;
    const NONE: u64 = -1_i64 as u64;
    const CLOSE: u64 = libc::SYS_close as u64;
    let mut regs = ptrace::getregs(tid)?;
    let call = regs.orig_rax;
    if regs.rax == EINTR && !matches!(call, NONE | CLOSE) {
        regs.rax = ERESTARTNOHAND;
        ptrace::setregs(tid, regs)?;
    }
    let thread = tid.as_raw() as u64;
    Ok([
        ENTRY, thread, call, regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9,
    ])
}

/// Elsewhere the program sees the EINTR, as it does when it is stopped and continued.
#[cfg(not(target_arch = "x86_64"))]
fn mend_interrupted(tid: Pid) -> nix::Result<Report> {
    let mut report = [0; 9];
    report[..3].copy_from_slice(&[ENTRY, tid.as_raw() as u64, super::engine::RESTART]);
    Ok(report)
}
