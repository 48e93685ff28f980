//! Faults arranged before a server starts, which look real to it.

mod filter;

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};

use crate::limits::USUAL_SOFT_LIMIT;
use filter::{refuse, refuse_to_change_limits};

/// What will go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// The most descriptors that it may have open, soft limit and hard one.
    pub descriptors: Option<u64>,
    /// It starts with a soft limit of 1,024 descriptors, and has to raise it to the hard one itself.
    pub usual_soft_limit: bool,
    /// It cannot change its limits: setrlimit(2) fails with EPERM, as it does where the hard limit is above fs.nr_open.
    pub limits_are_fixed: bool,
    /// The lowest descriptor that it may still get: those below are taken already.
    pub lowest_descriptor: Option<i32>,
    /// clone(2) and its relatives fail with EAGAIN, so it gets no process and no thread.
    pub no_tasks: bool,
    /// accept(2) fails with this error each time.
    pub accept_fails: Option<i32>,
    /// A system call fails each time, by its number: with which error.
    pub refused: Option<(i64, i32)>,
    /// It lacks root's privilege to open files whatever their mode.
    pub no_override: bool,
    /// It starts with SIGINT ignored.
    pub ignores_sigint: bool,
    /// The state of its standard error.
    pub log: Log,
}

/// The state of a server's standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// The suite reads the log as it comes.
    #[default]
    Read,
    /// The reader's end is closed.
    Closed,
    /// It is a pipe that is full, which nobody reads before [`Server::read_log`](crate::Server::read_log).
    Full,
    /// It is a file on a disk that is full, and stays so.
    FullDisk,
    /// It is a terminal whose output was stopped, as by Ctrl-S; [`Server::read_log`](crate::Server::read_log) starts it.
    StoppedTerminal,
}

impl Default for Faults {
    fn default() -> Self {
        Self::NONE
    }
}

impl Faults {
    /// Returns no faults at all.
    pub const NONE: Self = Self {
        descriptors: None,
        usual_soft_limit: false,
        limits_are_fixed: false,
        lowest_descriptor: None,
        no_tasks: false,
        accept_fails: None,
        refused: None,
        no_override: false,
        ignores_sigint: false,
        log: Log::Read,
    };

    /// Makes `command` start under these faults, and end with the thread that starts it.
    pub fn prepare(self, command: &mut Command) {
        let child = move || {
            let kill = libc::SIGKILL as libc::c_ulong;
            prctl(libc::PR_SET_PDEATHSIG, kill)?;
            // Where the Yama module restricts tracing, the tracer has to be let in; elsewhere the
            // option is unknown.
            let _ = prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY);
            sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
            // A program that is started in the background may find SIGINT ignored.
            set_action(Signal::SIGTERM, SigHandler::SigDfl)?;
            let ignored = self.ignores_sigint.then_some(SigHandler::SigIgn);
            set_action(Signal::SIGINT, ignored.unwrap_or(SigHandler::SigDfl))?;
            leave_nothing_open()?;
            if let Some(lowest) = self.lowest_descriptor {
                take_descriptors_below(lowest)?;
            }
            if let Some(limit) = self.descriptors {
                setrlimit(Resource::RLIMIT_NOFILE, limit, limit)?;
            } else if self.usual_soft_limit {
                let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
                let soft = hard.min(USUAL_SOFT_LIMIT);
                setrlimit(Resource::RLIMIT_NOFILE, soft, hard)?;
            }
            if self.limits_are_fixed {
                refuse_to_change_limits()?;
            }
            if self.no_tasks {
                refuse([libc::SYS_clone, libc::SYS_clone3], libc::EAGAIN)?;
            }
            if let Some(error) = self.accept_fails {
                refuse([libc::SYS_accept, libc::SYS_accept4], error)?;
            }
            if let Some((call, error)) = self.refused {
                refuse([call; 2], error)?;
            }
            if self.no_override {
                drop_override();
            }
            Ok(())
        };
        // SAFETY: this runs in a child that was forked from a process of several threads, one of
        // which may hold the allocator's lock. It makes system calls only, and allocates nothing.
        unsafe { command.pre_exec(child) };
    }
}

fn set_action(number: Signal, action: SigHandler) -> io::Result<()> {
    // SAFETY: a handler could run while what it uses is half-changed; the two actions that are set here
    // have none.
    unsafe { signal(number, action) }?;
    Ok(())
}

/// Fills the descriptor table with copies of standard input, which exec leaves open. They replace
/// what the forked test process had open there, which exec would close: also the pipe on which std
/// learns that exec has failed. The server's missing announcement will tell, too.
fn take_descriptors_below(lowest: i32) -> io::Result<()> {
    for number in 3..lowest {
        // SAFETY: something in this process could be using the descriptor that is replaced; but the
        // process is about to be another program.
        if unsafe { libc::dup2(0, number) } == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Has exec close what this process itself was started with, apart from the three standard descriptors:
/// servers count theirs from 3 on.
fn leave_nothing_open() -> io::Result<()> {
    let flags = libc::CLOSE_RANGE_CLOEXEC as i32;
    // SAFETY: it could close what somebody uses; with this flag it closes nothing before the exec.
    match unsafe { libc::close_range(3, libc::c_uint::MAX, flags) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Has exec leave out CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (capabilities(7)). A user other than root has
/// neither, and may not do this.
fn drop_override() {
    for capability in [1, 2] {
        let _ = prctl(libc::PR_CAPBSET_DROP, capability);
    }
}

fn prctl(option: i32, value: libc::c_ulong) -> io::Result<()> {
    // SAFETY: the hazard is an option whose value is an address; none here has one.
    match unsafe { libc::prctl(option, value, 0, 0, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
