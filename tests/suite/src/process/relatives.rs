//! The threads of a process, and what it has started (proc_pid_task(5)).

use std::fs::DirEntry;
use std::iter;
use std::panic::catch_unwind;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};

use super::Process;
use super::files::numbers;

impl Process {
    /// Returns its threads, each as /proc shows it.
    pub fn threads(self) -> Vec<Self> {
        numbers(self.folder("task")).map(Self::new).collect()
    }

    /// Returns the threads of the process and of all its descendants.
    pub fn family_threads(self) -> Vec<Self> {
        self.family().into_iter().flat_map(Self::threads).collect()
    }

    /// Sends a signal to one of its threads, as a fault of that thread does.
    ///
    /// # Errors
    ///
    /// Returns the errors of tgkill(2).
    pub fn signal_thread(self, thread: Self, signal: Signal) -> nix::Result<()> {
        let number = signal as libc::c_int;
        // SAFETY: the hazard is a call that takes an address; tgkill takes three numbers.
        let sent = unsafe { libc::syscall(libc::SYS_tgkill, self.pid, thread.pid, number) };
        Errno::result(sent).map(drop)
    }

    /// Its children, those that have ended and were not reaped (zombies) among them.
    pub fn children(self) -> Vec<Self> {
        self.children_by(Self::folder, Self::read)
    }

    /// Returns its children, as far as they can be seen: [`children`](Self::children) without its panics.
    pub(crate) fn children_at_a_glance(self) -> Vec<Self> {
        self.children_by(Self::glance_at_folder, Self::glance)
    }

    fn children_by(
        self,
        folder: impl Fn(Self, &str) -> Vec<DirEntry>,
        read: impl Fn(Self, &str) -> String,
    ) -> Vec<Self> {
        let lists = numbers(folder(self, "task"))
            .map(|thread| read(Self::new(thread), &format!("task/{thread}/children")));
        let pids = |list: String| -> Vec<i32> {
            let words = list.split_whitespace();
            words.filter_map(|pid| pid.parse().ok()).collect()
        };
        lists.flat_map(pids).map(Self::new).collect()
    }

    /// Its children, their children, and so on.
    pub fn descendants(self) -> Vec<Self> {
        let mut all = self.children();
        let mut next = 0;
        while let Some(process) = all.get(next).copied() {
            all.extend(process.children());
            next += 1;
        }
        all
    }

    /// Returns the process itself, and all its descendants.
    pub fn family(self) -> Vec<Self> {
        iter::once(self).chain(self.descendants()).collect()
    }

    /// Kills all processes that it has started. As this may be called in the midst of a panic, those that it cannot
    /// observe are left: a second panic would abort the tests.
    pub fn kill_descendants(self) {
        for process in catch_unwind(|| self.descendants()).unwrap_or_default() {
            let _ = kill(process.pid(), Signal::SIGKILL); // fails if it has ended
        }
    }
}
