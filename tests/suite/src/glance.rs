//! A server at a glance.

use nix::unistd::Pid;

use crate::Process;
use crate::family::Mark;

/// A process and its descendants at a glance, for a sentence about a server that has to be killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    /// The state of the process itself, as in proc_pid_stat(5).
    pub(crate) state: char,
    /// How many processes there are, itself included, as far as the count went.
    pub(crate) processes: usize,
    /// Bytes of private memory of all of them.
    pub(crate) memory: u64,
}

impl Glance {
    /// Returns the state of a process, or `X` if there is none.
    pub(crate) fn state(process: Pid) -> char {
        let state = status(Process::new(process.as_raw()), "State:");
        state.chars().next().unwrap_or('X')
    }

    /// Returns what can be seen of a server, without panicking over the rest.
    pub(crate) fn at(server: Pid, mark: Mark) -> Self {
        /// Counting further would only repeat that there are many.
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
