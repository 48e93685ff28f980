//! The threads of a process, and what it has started (proc_pid_task(5)).

use std::fs::DirEntry;
use std::iter;
use std::panic::catch_unwind;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Process;
use super::files::numbers;

impl Process {
    /// Its threads.
    pub fn threads(self) -> Vec<Pid> {
        numbers(self.folder("task")).map(Pid::from_raw).collect()
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
