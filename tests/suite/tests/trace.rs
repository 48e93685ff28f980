//! The tracer, on programs whose calls are known.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use suite::{Call, Tracer};

/// A program that prints each line that it is given.
struct Parrot {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Parrot {
    fn new(script: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let started = command.spawn();
        let mut child = started.unwrap_or_else(|error| panic!("cannot start sh: {error}"));
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both were asked for");
        };
        let stdout = BufReader::new(stdout);
        let mut parrot = Self {
            child,
            stdin,
            stdout,
        };
        parrot.say("ready");
        parrot
    }

    fn say(&mut self, word: &str) {
        let mut back = String::new();
        // In one piece, so that it is read and printed in one.
        let said = self.stdin.write_all(format!("{word}\n").as_bytes());
        let done = said.and_then(|()| self.stdout.read_line(&mut back));
        assert!(done.is_ok() && back.trim_end() == word, "{back:?} {done:?}");
    }

    fn trace(&self) -> Tracer {
        let tracer = Tracer::attach(self.child.id().cast_signed());
        tracer.unwrap_or_else(|error| panic!("cannot trace: {error}"))
    }
}

/// The writes of this many bytes. (Other lengths tell apart what was written before the trace began: its last call may
/// still be on its way out.)
fn writes(calls: &[Call], length: i64) -> Vec<&Call> {
    let of_length = |call: &&Call| call.is_write() && call.result == length;
    calls.iter().filter(of_length).collect()
}

#[test]
fn every_call_is_counted_and_the_program_lives_on() {
    let mut cat = Parrot::new("exec cat");
    let tracer = cat.trace();
    cat.say("one");
    let seen = tracer.wait_until(|calls| writes(calls, 4).len() == 1);
    assert!(seen.is_ok());
    tracer.clear();
    (0..20).for_each(|_| cat.say("twenty"));
    let seen = tracer.wait_until(|calls| writes(calls, 7).len() == 20);
    let calls = tracer.finish();
    assert!(seen.is_ok(), "{calls:?}");
    let reads = calls
        .iter()
        .filter(|call| call.is_read() && call.result == 7);
    assert_eq!(reads.count(), 20);
    let to_output = |call: &&Call| call.args[0] == 1 && call.args[2] == 7;
    assert!(writes(&calls, 7).iter().all(to_output), "{calls:?}");
    cat.say("and on");
    drop(cat.stdin);
    assert!(cat.child.wait().is_ok_and(|status| status.success()));
}

#[test]
fn children_are_followed() {
    // Each line is printed by a process of its own.
    let mut shell = Parrot::new("while read line; do (echo $line); done");
    let tracer = shell.trace();
    (0..5).for_each(|_| shell.say("word"));
    let parent = shell.child.id().cast_signed();
    let seen = tracer.wait_until(|calls| writes(calls, 5).len() == 5);
    let calls = tracer.finish();
    assert!(seen.is_ok(), "{calls:?}");
    let mut writers: Vec<i32> = writes(&calls, 5).iter().map(|call| call.tid).collect();
    writers.sort_unstable();
    writers.dedup();
    assert_eq!(writers.len(), 5, "each by another process");
    assert!(!writers.contains(&parent));
}

#[test]
fn signals_reach_a_traced_program() {
    let mut cat = Parrot::new("exec cat");
    let tracer = cat.trace();
    let pid = Pid::from_raw(cat.child.id().cast_signed());
    for signal in [Signal::SIGSTOP, Signal::SIGCONT] {
        assert_eq!(kill(pid, signal), Ok(()));
    }
    cat.say("after a stop");
    assert_eq!(kill(pid, Signal::SIGTERM), Ok(()));
    let status = cat.child.wait();
    assert_eq!(
        status.ok().and_then(|status| status.signal()),
        Some(Signal::SIGTERM as i32)
    );
    drop(tracer);
}
