//! Several loops under the eyes of the suite. `herd.rs` counts wake-ups, and how clients spread; what a dying
//! listener does with its queue, in `dead_queue.rs`.

#[path = "programs/loops.rs"]
mod loops;
#[path = "programs/mod.rs"]
mod programs;

use std::net::TcpStream;

use loops::{loops, sleeps};
use nix::sys::signal::Signal;
use suite::{Client, Faults, Process, Subject, cases, eventually, run_case};

fn cores(options: &[&str]) -> Subject {
    programs::program("cores", env!("CARGO_BIN_EXE_cores"), options)
}

suite::judge! { cores(&[]), echo_tests, event_loop_tests, drain_tests, idle_tests }

/// The two other ways to share an address change nothing of the contract: the cases in which they could.
#[test]
fn the_other_listeners_keep_the_contract() {
    for how in ["shared", "exclusive"] {
        let subject = cores(&["--listener", how]);
        run_case(
            "e08_comings_and_goings",
            cases::e08_comings_and_goings,
            &subject,
        );
        run_case("e10_crowd", cases::e10_crowd, &subject);
        run_case(
            "e11_out_of_descriptors",
            cases::e11_out_of_descriptors,
            &subject,
        );
        run_case("e13_in_the_queue", cases::e13_in_the_queue, &subject);
        run_case("e13_sigterm", cases::e13_sigterm, &subject);
    }
}

/// No loop sleeps with a time limit while nobody speaks, and each serves those that it has.
#[test]
fn idle_loops_sleep_for_ever() {
    let server = cores(&["--loops", "4"]).start();
    let here: Vec<Client> = (0..40).map(|_| server.connect()).collect();
    here.iter().for_each(|client| client.echo(b"in"));
    sleeps(&server);
    for thread in loops(&server) {
        let mut call = None;
        eventually("a loop to wait in a system call", || {
            call = Process::new(thread).blocked_in();
            call.is_some()
        });
        let (number, arguments) = call.unwrap_or_default();
        assert!(
            suite::is_wait(number),
            "thread {thread} waits in {}",
            suite::call_name(number)
        );
        assert_eq!(arguments[3] as i32, -1, "the time limit of thread {thread}");
    }
}

/// When it ends, each loop gives account, in a line.
#[test]
fn the_loops_give_account() {
    let server = cores(&["--loops", "2"]).start();
    for _ in 0..100 {
        server.connect().echo(b"in and out");
    }
    server.signal(Signal::SIGTERM);
    server.expect_exit("after SIGTERM");
    let log = server.log();
    let accepted = log.lines().filter_map(|line| line.split_once("accepted: "));
    let accepted = accepted.filter_map(|(_, rest)| rest.split(',').next()?.parse().ok());
    let accepted: Vec<usize> = accepted.collect();
    assert_eq!((accepted.len(), accepted.iter().sum()), (2, 100), "{log}");
}

/// A loop that ends by an error ends the server, with a line and exit code 1, and not only its own clients.
#[test]
fn a_loop_that_ends_ends_the_server() {
    let faults = Faults {
        accept_fails: Some(nix::libc::EBADF),
        ..Faults::default()
    };
    let server = cores(&[]).start_with(&faults);
    // It may be reset before it is connected.
    let _client = TcpStream::connect(server.address());
    assert_eq!(server.wait().code(), Some(1), "{}", server.log());
    eventually("a line that says why", || {
        server.log().contains("cannot go on")
    });
}
