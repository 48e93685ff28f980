//! When a server has done all that it had to do.

use std::ops::{Add, Sub};

use serde::Serialize;
use suite::{Process, eventually_or};

/// How often tasks were switched away from (proc_pid_status(5)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Because they slept.
    pub voluntary: u64,
    /// Because others were to have the processor.
    pub involuntary: u64,
}

impl Add for Switches {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            voluntary: self.voluntary + other.voluntary,
            involuntary: self.involuntary + other.involuntary,
        }
    }
}

impl Sub for Switches {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            voluntary: self.voluntary.saturating_sub(other.voluntary),
            involuntary: self.involuntary.saturating_sub(other.involuntary),
        }
    }
}

/// All threads of a server and of its children, at one glance.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Glance {
    asleep: bool,
    switches: Switches,
}

/// Waits until no thread of the server has anything to do. To be called when what the server is to react
/// to has reached it, or this may be before it has even begun.
///
/// One glance is not enough, as it takes its time: a thread that was asleep may wake another before that
/// one is looked at. If all are asleep twice, and none was switched in between, none has run.
pub(super) fn until_at_rest(server: Process) {
    let mut before = None;
    eventually_or(
        "the server to come to rest, because its clients say nothing",
        || {
            let now = glance(server);
            before.replace(now) == Some(now) && now.asleep
        },
        || match server.state() {
            'X' | 'Z' => "it has ended".to_owned(),
            _ => "it goes on running".to_owned(),
        },
    );
}

/// The switches of all threads of a server and of its children that there are now.
pub(super) fn switches(server: Process) -> Switches {
    glance(server).switches
}

fn glance(server: Process) -> Glance {
    let nobody = Glance {
        asleep: true,
        switches: Switches::default(),
    };
    let threads = server.family().into_iter().flat_map(Process::threads);
    threads.fold(nobody, |all, thread| {
        let thread = Process::new(thread.as_raw());
        // A child that has ended and was not reaped has a thread, too: a zombie, which is not asleep.
        Glance {
            asleep: all.asleep && thread.state() == 'S',
            switches: all.switches + Switches::of(thread),
        }
    })
}

impl Switches {
    /// Returns the switches of one thread; none of one that has ended.
    fn of(thread: Process) -> Self {
        Self {
            voluntary: thread.sleeps().unwrap_or(0),
            involuntary: thread.interruptions().unwrap_or(0),
        }
    }
}
