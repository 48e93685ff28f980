//! A server at rest, with all its work done.

use serde::Serialize;
use suite::{Process, eventually_or};

/// How often the kernel switched away from tasks (proc_pid_status(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Because they slept.
    pub voluntary: u64,
    /// Because other tasks got the CPU core.
    pub involuntary: u64,
}

impl Switches {
    /// Returns the switches so far of all threads of a server and of its children.
    pub(super) fn of(server: Process) -> Self {
        let threads = server.family_threads();
        let sum =
            |count: fn(Process) -> Option<u64>| threads.iter().copied().filter_map(count).sum();
        Self {
            voluntary: sum(Process::sleeps),
            involuntary: sum(Process::interruptions),
        }
    }

    /// Returns the switches since `before`.
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            voluntary: self.voluntary.saturating_sub(before.voluntary),
            involuntary: self.involuntary.saturating_sub(before.involuntary),
        }
    }
}

/// Waits until no thread of the server has anything to do. Call it once the stimulus has reached the server, or it may
/// return before the server has begun.
///
/// One look is not enough, because it takes time: a sleeping thread may wake another before the look reaches that one.
/// If all are asleep twice, and none was switched in between, none has run.
pub(super) fn until_at_rest(server: Process) {
    let mut before = None;
    eventually_or(
        "the server to come to rest, because its clients say nothing",
        || {
            // An unreaped child has a thread, too: a zombie, which is not asleep.
            let threads = server.family_threads();
            let asleep = threads.iter().all(|thread| thread.state() == 'S');
            let now = asleep.then(|| Switches::of(server));
            let at_rest = now.is_some() && now == before;
            before = now;
            at_rest
        },
        || match server.state() {
            'X' | 'Z' => "it has ended".to_owned(),
            _ => "it goes on running".to_owned(),
        },
    );
}
