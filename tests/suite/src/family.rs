//! All that a server has started, wherever it has gone: it is found by a mark, and killed to the last one.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Once};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::{Process, deadline};

/// What all processes of one server bear: a number as their limit of file locks, which the kernel has not looked at
/// since Linux 2.4.25 (getrlimit(2), RLIMIT_LOCKS). A child inherits it, also one that leaves the process group and the
/// session, loses its parent or begins another program with an empty environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

impl Mark {
    /// Has `command` start with a mark that nothing else in this process has, and as the first that the kernel kills when
    /// memory runs out.
    pub(crate) fn on(command: &mut Command) -> Self {
        let mark = Self::new();
        let prepare = move || {
            mark.put_on();
            is_first_to_go();
            Ok(())
        };
        // SAFETY: this runs in a child that was forked from a process of several threads, one of which may hold the
        // allocator's lock. It makes system calls only, and allocates nothing.
        unsafe { command.pre_exec(prepare) };
        mark
    }

    fn new() -> Self {
        /// A limit that nobody else would choose, or the next lower ones if this process's own is lower: only root may
        /// raise it.
        static HIGHEST: LazyLock<u64> = LazyLock::new(|| {
            let own = getrlimit(Resource::RLIMIT_LOCKS);
            own.map_or(1 << 40, |(_, hard)| hard.min(1 << 40))
        });
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        // What loses its parent becomes a child of this process, and so is found.
        static SUBREAPER: Once = Once::new();
        SUBREAPER.call_once(|| {
            // SAFETY: the hazard is an option whose value is an address; this one's is a number.
            unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1_u64, 0_u64, 0_u64, 0_u64) };
        });
        Self(HIGHEST.saturating_sub(NUMBER.fetch_add(1, Relaxed)))
    }

    /// Marks the calling process. Makes system calls only, so that a process may do it between fork and exec.
    fn put_on(self) {
        let limit = libc::rlimit {
            rlim_cur: self.0,
            rlim_max: self.0,
        };
        // SAFETY: the kernel reads the limit through the pointer, and anything else there would be a hazard: it is a
        // local variable.
        unsafe { libc::setrlimit(libc::RLIMIT_LOCKS, &raw const limit) };
    }

    /// Returns whether a process bears it: a zombie does, too.
    fn is_on(self, process: Process) -> bool {
        let limits = process.glance("limits");
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max file locks"));
        let soft = line.and_then(|line| line.split_whitespace().next());
        soft.is_some_and(|soft| soft.parse() == Ok(self.0))
    }

    /// Returns those of this process's children that bear it: the server itself, and what has lost its parent.
    pub(crate) fn children(self) -> Vec<Pid> {
        let mut all = own_children();
        all.retain(|child| self.is_on(*child));
        all.into_iter().map(Process::pid).collect()
    }

    /// Kills all that bears it, without reaping any of it.
    pub(crate) fn kill_unreaped(self) {
        let end = Instant::now() + deadline();
        let mut quiet = 0;
        // What one that has just ended leaves behind is seen at the second look.
        while quiet < 2 && Instant::now() < end {
            let mut alive = self.children();
            alive.retain(|child| !has_ended(*child));
            quiet = if alive.is_empty() { quiet + 1 } else { 0 };
            alive.into_iter().for_each(kill_with_group);
            thread::sleep(Duration::from_micros(500));
        }
    }

    /// Kills all that bears it, again and again until nothing is left that could make more of them. All are reaped, but
    /// for `spared`, which stays as a zombie. Returns whether that could be done before the deadline.
    pub(crate) fn kill_all(self, spared: Option<Pid>) -> bool {
        let end = Instant::now() + deadline();
        loop {
            // In this order: what one that has ended leaves behind is among the children by then. Nothing that has made
            // others leaves the list before it is reaped here.
            let has_ended_before = spared.is_none_or(has_ended);
            let mut others = self.children();
            others.retain(|child| spared != Some(*child));
            if has_ended_before && others.is_empty() {
                return true;
            }
            if !has_ended_before {
                spared.into_iter().for_each(kill_with_group);
            }
            others.into_iter().for_each(kill_or_reap);
            if Instant::now() > end {
                return false;
            }
            thread::sleep(Duration::from_micros(500));
        }
    }
}

/// Kills a process, and before it the group that it leads, if it leads one: as a whole, so that no member makes another
/// process meanwhile.
fn kill_with_group(process: Pid) {
    let _ = killpg(process, Signal::SIGKILL); // there may be no such group
    let _ = kill(process, Signal::SIGKILL); // it may have ended meanwhile
}

/// Kills a child, or reaps it if it has ended.
fn kill_or_reap(child: Pid) {
    if has_ended(child) {
        reap(child);
    } else {
        kill_with_group(child);
    }
}

/// Kills all descendants of this process until none is left, or for as long as `most`.
pub fn kill_descendants(most: Duration) {
    let end = Instant::now() + most;
    while Instant::now() < end {
        let own = own_children();
        if own.is_empty() {
            return;
        }
        own.into_iter().map(Process::pid).for_each(kill_or_reap);
        thread::sleep(Duration::from_millis(1));
    }
}

/// Returns the children of this process, zombies among them. Nothing here panics: this is for the time when something
/// has failed already.
fn own_children() -> Vec<Process> {
    Process::new(std::process::id().cast_signed()).children_at_a_glance()
}

/// Returns whether a child has ended; then it is a zombie.
fn has_ended(child: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    let ended = waitid(Id::Pid(child), flags);
    !matches!(ended, Ok(WaitStatus::StillAlive))
}

fn reap(child: Pid) {
    // It fails if somebody else has done it.
    let _ = waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG);
}

/// Has the kernel kill the calling process, and what it starts, before others when memory runs out (proc_pid_oom_score_adj(5)).
/// Makes system calls only, as [`Mark::put_on`].
fn is_first_to_go() {
    // SAFETY: the path is a string that ends in NUL, as open(2) needs it.
    let file = unsafe {
        libc::open(
            c"/proc/self/oom_score_adj".as_ptr(),
            libc::O_WRONLY | libc::O_CLOEXEC,
        )
    };
    if file == -1 {
        return; // Without /proc, the kernel chooses by itself.
    }
    // SAFETY: write(2) reads four bytes of a string of four, and the descriptor is this function's own.
    unsafe { libc::write(file, c"1000".as_ptr().cast(), 4) };
    // SAFETY: closing a descriptor that somebody else uses would be a hazard; nobody knows this one.
    unsafe { libc::close(file) };
}
