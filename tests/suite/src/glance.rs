//! A server at a glance.

use nix::unistd::Pid;

use crate::Process;
use crate::family::Mark;

/// What a process and its descendants are, at a glance: for a sentence about a server that has to be killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    /// The state of the process itself, as in proc_pid_stat(5).
    pub(crate) state: char,
    /// How many processes there are, itself included, as far as they were counted.
    pub(crate) processes: usize,
    /// Bytes of memory of their own, of all of them.
    pub(crate) memory: u64,
}

impl Glance {
    /// Returns the state of a process; `X` if there is none.
    pub(crate) fn state(process: Pid) -> char {
        let state = status(Process::new(process.as_raw()), "State:");
        state.chars().next().unwrap_or('X')
    }

    /// Returns what is to be seen of a server; of what cannot be seen, nothing.
    pub(crate) fn at(server: Pid, mark: Mark) -> Self {
        /// More than these need not be counted to say that they are many.
        const MOST: usize = 2_000;
        let mut all = vec![Process::new(server.as_raw())];
        let others = mark.children().into_iter().filter(|pid| *pid != server);
        all.extend(others.map(|pid| Process::new(pid.as_raw())));
        let mut next = 0;
        while let Some(process) = all.get(next).copied().filter(|_| all.len() < MOST) {
            all.extend(process.children_at_a_glance());
            next += 1;
        }
        let kib = |process: Process| -> u64 {
            let memory = status(process, "RssAnon:");
            memory.trim_end_matches(" kB").parse().unwrap_or(0)
        };
        Self {
            state: Self::state(server),
            processes: all.len(),
            memory: all.into_iter().map(kib).sum::<u64>() * 1024,
        }
    }
}

/// Returns a field of a process's status; nothing if there is no such process.
fn status(process: Process, name: &str) -> String {
    let status = process.glance("status");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().trim().to_owned()
}
