//! A case has a limit as a whole, and its failure says all that there is to say.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;
use std::sync::{Once, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use suite::profile::STAGES;
use suite::{Failure, Subject, cases, judge, set_deadline, slowness};

/// Makes all waits short.
fn be_short() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_deadline(Duration::from_millis(800) * slowness()));
}

/// A server that accepts, and never answers; it is judged as stage 3.
fn silent() -> Subject {
    let words = [env!("CARGO_BIN_EXE_servers"), "silent", "{addr}"];
    Subject {
        command: words.map(Into::into).to_vec(),
        announces: true,
        profile: STAGES[2],
    }
}

/// Waits for nothing in particular, with a server.
fn waits_with_a_server(subject: &Subject) {
    let server = subject.start();
    while server.is_alive() {
        thread::sleep(Duration::from_millis(5));
    }
    panic!("the server is gone");
}

/// Waits for nothing in particular, and longer than any limit here.
fn waits(_: &Subject) {
    thread::sleep(Duration::from_secs(120) * slowness());
}

/// The tests of this file, in a process of their own, while others run in this one.
#[test]
fn a_case_has_a_limit() {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    let output = tests.args(["limit::", "--ignored"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("3 passed"), "{text}");
}

fn fails(case: (&'static str, fn(&Subject))) -> Failure {
    be_short();
    let failure = judge(case, &silent(), |failure| {
        panic!("it was given up: {failure}")
    });
    failure.unwrap()
}

#[test]
#[ignore = "makes all waits of its process short: see below"]
fn a_case_that_takes_too_long_loses_its_servers_and_fails() {
    let failure = fails(("waits_with_a_server", waits_with_a_server));
    assert!(
        failure.seen.contains("the case has not ended in"),
        "{failure}"
    );
    assert!(
        failure.seen.contains("it was here: the server is gone"),
        "{failure}"
    );
    assert_eq!(failure.servers.len(), 1, "{failure}");
    assert_eq!(
        failure.servers[0].end,
        "The suite killed it when the case's time was up."
    );
}

#[test]
#[ignore = "makes all waits of its process short: see below"]
fn a_case_that_hangs_without_a_server_is_given_up() {
    be_short();
    let began = Instant::now();
    let (sender, given_up) = mpsc::channel();
    thread::spawn(move || {
        judge(("waits", waits), &silent(), move |failure| {
            sender.send(failure).unwrap()
        });
    });
    let failure = given_up
        .recv_timeout(Duration::from_secs(60) * slowness())
        .unwrap();
    assert!(
        failure.seen.contains("not even without its servers"),
        "{failure}"
    );
    assert!(
        began.elapsed() > suite::deadline() * 8,
        "{:?}",
        began.elapsed()
    );
}

#[test]
#[ignore = "makes all waits of its process short: see below"]
fn a_failure_says_all_that_there_is_to_say() {
    let failure = fails(("e01_bytes_come_back", cases::e01_bytes_come_back));
    let text = failure.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let begins = [
        "e01_bytes_come_back: The same bytes come back, in order",
        "    Seen: waited for EOF, got nothing, then: nothing for",
        "    The server (",
        "    It printed nothing on standard error.",
        "    Where to read: chapter 03 (docs/chapters/03-thread-per-conn.md), and 01-blocking/src/lib.rs:",
        "    The rule: docs/chapters/contract.md#e01_bytes_come_back",
        "    Noticed at tests/suite/src/",
    ];
    assert_eq!(lines.len(), begins.len(), "{text}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    assert!(
        lines[2].ends_with("Afterwards it was still alive (asleep), and the suite killed it."),
        "{text}"
    );
}
