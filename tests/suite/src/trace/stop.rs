//! Why a tracee has stopped.

use libc::{PTRACE_EVENT_EXEC, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::unistd::Pid;

/// What waitpid(2) tells of a tracee; see "Stopped states" in ptrace(2).
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// The number and arguments of a call.
    Entry(u64, [u64; 6]),
    /// The result of a call.
    Exit(u64),
    /// The identity that the thread had before, if it was not the leader.
    Exec(u64),
    /// Of a fork, say: a stop that asks for nothing.
    Event,
    /// By SIGSTOP and the like, with the whole process.
    Group,
    /// The first of a thread, by an interruption or at its birth, and the one after SIGCONT.
    Trap,
    /// A signal, by number, that is about to be delivered.
    Signal(i32),
    /// The end.
    Gone,
}

const SYSCALL_STOP: i32 = libc::SIGTRAP | 0x80;
const PTRACE_EVENT_STOP: i32 = 128;

impl Stop {
    pub(super) fn new(tid: Pid, status: i32) -> nix::Result<Stop> {
        if !libc::WIFSTOPPED(status) {
            return Ok(Stop::Gone);
        }
        match (status >> 16, libc::WSTOPSIG(status)) {
            (0, SYSCALL_STOP) => Stop::at_syscall(tid),
            (0, signal) => Ok(Stop::Signal(signal)),
            (PTRACE_EVENT_STOP, SIGSTOP | SIGTSTP | SIGTTIN | SIGTTOU) => Ok(Stop::Group),
            (PTRACE_EVENT_STOP, _) => Ok(Stop::Trap),
            (PTRACE_EVENT_EXEC, _) => Ok(Stop::Exec(ptrace::getevent(tid)? as u64)),
            _ => Ok(Stop::Event),
        }
    }

    fn at_syscall(tid: Pid) -> nix::Result<Stop> {
        let info = ptrace::syscall_info(tid)?;
        match info.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => {
                // SAFETY: a field of the union that the kernel has not filled would be garbage; `op`
                // says that this is the one.
                let entry = unsafe { info.u.entry };
                Ok(Stop::Entry(entry.nr, entry.args))
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => {
                // SAFETY: as above.
                let exit = unsafe { info.u.exit };
                Ok(Stop::Exit(exit.sval as u64))
            }
            _ => Ok(Stop::Event),
        }
    }
}

/// Waits for a stop; `None` with WNOHANG if there is none. Not nix's waitpid, which loses the thread if its stop has to do with a real-time signal.
pub(super) fn wait(tid: Pid, options: i32) -> nix::Result<Option<(Pid, Stop)>> {
    let mut status = 0;
    loop {
        let options = options | libc::__WALL;
        // SAFETY: waitpid(2) writes through the pointer; `status` outlives the call.
        match Errno::result(unsafe { libc::waitpid(tid.as_raw(), &raw mut status, options) }) {
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
            Ok(0) => return Ok(None),
            Ok(tid) => {
                let tid = Pid::from_raw(tid);
                let stop = Stop::new(tid, status).unwrap_or(Stop::Event); // killed meanwhile
                return Ok(Some((tid, stop)));
            }
        }
    }
}
