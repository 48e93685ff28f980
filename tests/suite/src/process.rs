//! A process as /proc shows it, from outside (proc_pid(5)).
//!
//! A process that is gone, or about to be, has no descriptors, threads or children any more; its numbers are `None`, as
//! are times that this kernel does not keep. What cannot be read of a process that is there is never taken for nothing:
//! each method panics instead, and names the file.

mod all;
mod blocked;
mod copy;
mod descriptors;
mod files;
mod memory;
mod relatives;
mod times;

use nix::unistd::Pid;

pub use copy::duplicate;

/// The eyes on one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: i32,
}

impl Process {
    /// The process `pid`, whether it exists or not.
    pub const fn new(pid: i32) -> Self {
        Self { pid }
    }

    /// Its id.
    pub const fn pid(self) -> Pid {
        Pid::from_raw(self.pid)
    }
}

/// Returns what was observed of a server.
///
/// # Panics
///
/// If it could not be observed: a server that has ended has no memory and no time, which is not 0 of either.
#[track_caller]
pub fn seen<T>(observed: Option<T>) -> T {
    let Some(value) = observed else {
        panic!("cannot observe the server: it has ended, or this kernel does not show it");
    };
    value
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_process_that_is_gone_has_nothing() {
        let mut child = Command::new("true").spawn();
        let child = child.as_mut().unwrap_or_else(|error| panic!("{error}"));
        let process = Process::new(child.id().cast_signed());
        crate::eventually("it is a zombie", || process.state() == 'Z');
        let has_nothing = || {
            process.descriptor_count() == 0
                && process.memory().is_none()
                && process.children().is_empty()
        };
        assert!(has_nothing(), "a zombie");
        assert!(child.wait().is_ok());
        assert!(has_nothing() && process.state() == 'X' && process.sleeps().is_none());
        assert_eq!(process.processor_time(), None, "not 0 ns");
        assert_eq!(process.family_processor_time(), None, "not 0 ns");
    }

    #[test]
    fn the_time_of_children_counts_before_and_after_they_are_reaped() {
        let own = Process::new(std::process::id().cast_signed());
        let spent = || seen(own.family_processor_time());
        let before = spent();
        // A shell that counts spends more than the 10 ms of a step.
        let count = "n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done; read end";
        let mut child = Command::new("sh")
            .args(["-c", count])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}"));
        let counter = Process::new(child.id().cast_signed());
        crate::eventually("it has counted", || {
            counter.state() == 'S' && seen(counter.processor_time()).as_millis() > 20
        });
        let counted = seen(counter.processor_time());
        assert!(
            spent().saturating_sub(before) >= counted,
            "while it is there"
        );
        drop(child.stdin.take());
        assert!(child.wait().is_ok());
        let step = Duration::from_millis(20);
        assert!(
            spent().saturating_sub(before) + step >= counted,
            "once it is reaped"
        );
    }

    #[test]
    #[should_panic(expected = "/no-such-file")]
    fn of_one_that_is_there_a_missing_file_is_not_nothing() {
        Process::new(std::process::id().cast_signed()).read("no-such-file");
    }

    #[test]
    #[should_panic(expected = "status, NoSuchField")]
    fn nor_is_a_missing_field() {
        Process::new(std::process::id().cast_signed()).status("NoSuchField");
    }
}
