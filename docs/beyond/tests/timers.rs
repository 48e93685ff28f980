//! Timers under the eyes of the suite: without `--idle` this is the echo that has no idle timeout. Then what a timeout
//! costs, and what it does.

#[path = "programs/mod.rs"]
mod programs;

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use suite::net::Socket;
use suite::{Client, End, PLENTY, Subject, cases, eventually, pattern, run_case, seen};

fn timers(options: &[&str]) -> Subject {
    programs::program("timers", env!("CARGO_BIN_EXE_timers"), options)
}

/// So long that no deadline comes within a test.
const HOUR: &[&str] = &["--idle", "3600"];

suite::judge! { timers(&[]), echo_tests, event_loop_tests, drain_tests, idle_tests }

/// While nobody is there, no timer is set, and the loop sleeps forever. While somebody is there, it sleeps until that
/// one's deadline: its wait itself has no limit, and it does not wake in between.
#[test]
fn no_wake_up_without_a_deadline() {
    run_case("rest", rests, &timers(HOUR));
    run_case("e03_silence", cases::e03_silence, &timers(HOUR));
}

fn rests(subject: &Subject) {
    let server = subject.start();
    assert_eq!(
        server.process().timers(),
        [Duration::ZERO],
        "a timer is set for nobody"
    );
    let client = server.connect();
    client.echo(b"in");
    let tracer = server.trace();
    server.expect_rest(&client);
    let woken = tracer
        .finish()
        .into_iter()
        .filter(|call| call.is_wait() && call.result >= 0);
    assert_eq!(
        woken.count(),
        0,
        "wake-ups of a loop whose next deadline is in an hour"
    );
    let [left] = server.process().timers()[..] else {
        panic!("there has to be one timer")
    };
    assert!(
        left > Duration::from_secs(3_000),
        "the timer goes off in {left:?}"
    );
}

/// When the last client has left, the loop wakes for its deadline, once at most, and then for nobody.
#[test]
fn the_deadline_of_a_client_that_is_gone_wakes_once() {
    run_case("gone", gone, &timers(&["--idle", "0.3"]));
}

fn gone(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    client.half_close();
    client.expect_eof();
    let tracer = server.trace();
    eventually("the timer to be set for nobody", || {
        server.process().timers() == [Duration::ZERO]
    });
    let woken = tracer.calls().into_iter();
    let woken = woken.filter(|call| call.is_wait() && call.result > 0);
    let woken = woken.count();
    assert!(woken <= 1, "wake-ups for a client that is gone: {woken}");
    server.connect().echo(b"next");
}

/// 10,000 clients that have left leave nothing behind, although none of their deadlines has come: an entry is 24 bytes.
#[test]
fn the_gone_leave_nothing_behind() {
    run_case("the gone", the_gone, &timers(HOUR));
}

fn the_gone(subject: &Subject) {
    let server = subject.start();
    let come_and_go = |number: usize| {
        for _ in 0..number {
            let client = server.connect();
            client.echo(b"in");
            client.reset();
        }
        eventually("the clients to be gone", || {
            server.process().sockets().len() == 1
        });
        seen(server.process().memory())
    };
    let memory = come_and_go(500);
    let grown = come_and_go(10_000).saturating_sub(memory);
    assert!(
        grown <= 100 << 10,
        "10,000 clients left {grown} bytes behind"
    );
}

/// How long a client may be idle where a deadline is to come.
const IDLE: Duration = Duration::from_millis(1_000);
const SOON: &[&str] = &["--idle", "1"];

/// A client that says nothing is closed at its deadline, by EOF, and not before. One that came earlier, and goes on
/// talking, is there when that happens, and is closed when it has been silent for as long.
#[test]
fn the_idle_are_closed_and_the_active_are_not() {
    run_case("idle and active", idle_and_active, &timers(SOON));
}

fn idle_and_active(subject: &Subject) {
    const MOST: usize = 5;
    for _ in 0..MOST {
        let server = subject.start();
        let active = server.connect();
        let came = Instant::now();
        let idle = server.connect();
        let (mut spoke, mut longest) = (Instant::now(), Duration::ZERO);
        while !idle.is_readable(0) && longest < IDLE {
            let began = Instant::now();
            // A server that has closed it would say so by an EOF; what counts is below.
            if active.is_readable(0) {
                break;
            }
            active.echo(b"still here");
            longest = longest.max(spoke.elapsed());
            spoke = began;
        }
        // On a machine so busy that the active client was silent for too long, its end says nothing.
        if longest >= IDLE / 2 {
            continue;
        }
        assert!(!active.is_readable(0), "the active client was closed");
        idle.expect_eof();
        let stayed = came.elapsed();
        assert!(
            stayed >= IDLE,
            "the idle client was closed after {stayed:?}"
        );
        let tracer = server.trace();
        active.expect_eof();
        let calls = tracer.finish().into_iter();
        let woken = calls.filter(|call| call.is_wait() && call.result > 0);
        let woken = woken.count();
        assert!(woken <= 3, "{woken} wake-ups for one deadline");
        let stayed = spoke.elapsed();
        assert!(
            stayed >= IDLE,
            "the other was closed {stayed:?} after its last word"
        );
        // One that comes now has its own time.
        server.connect().echo(b"next");
        return;
    }
    panic!("cannot observe an active client: the machine is too busy, {MOST} times");
}

/// Many that come together, and say nothing, are all closed: the timer is set again for those that are next.
#[test]
fn each_of_many_is_closed() {
    run_case("many", many, &timers(SOON));
}

fn many(subject: &Subject) {
    let server = subject.start();
    let baseline = server.process().descriptor_count();
    let clients: Vec<(Instant, Client)> = (0..200)
        .map(|_| (Instant::now(), server.connect()))
        .collect();
    let last = clients.len() - 1;
    eventually("the last one to be let in", || {
        server.process().sockets().len() > last
    });
    let tracer = server.trace();
    for (came, client) in &clients {
        client.expect_eof();
        let stayed = came.elapsed();
        assert!(stayed >= IDLE, "a client was closed after {stayed:?}");
    }
    let calls = tracer.finish().into_iter();
    let woken = calls
        .filter(|call| call.is_wait() && call.result > 0)
        .count();
    assert!(woken <= 210, "{woken} wake-ups for 200 deadlines");
    eventually("the descriptors to be as before", || {
        server.process().descriptor_count() == baseline
    });
    eventually("the timer to be set for nobody", || {
        server.process().timers() == [Duration::ZERO]
    });
}

/// A client that does not take what it is owed is idle, too, and it is reset: an EOF would say that this was all.
#[test]
fn a_client_that_does_not_read_is_reset_at_its_deadline() {
    run_case("stalled", stalled, &timers(&["--idle", "3"]));
}

fn stalled(subject: &Subject) {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    client.echo(b"in");
    let socket = Socket::of(server.process(), client.address());
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the server's socket"));
    // It waits for room, and has read all that has come: a close would be a regular end.
    let waits_for_room = || {
        let list = server.process().interest_list();
        list.iter().any(|entry| entry.contains("events:       1c"))
    };
    let began = Instant::now();
    for _ in 0..PLENTY / 16_384 {
        client.send(pattern(0, 16_384));
        eventually("the server to read what has come", || {
            unacknowledged(&client) == 0 && socket.unread() == 0
        });
        if waits_for_room() {
            break;
        }
    }
    assert!(waits_for_room(), "the server took 64 MiB");
    drop(socket);
    eventually("the server to let go of the client", || {
        server.process().sockets().len() == 1
    });
    let stayed = began.elapsed();
    assert!(stayed >= Duration::from_secs(3), "closed after {stayed:?}");
    let (_, end) = client.receive_to_end();
    assert_eq!(end, End::Reset, "what was owed is missing");
}

/// Returns how many bytes that a client has sent are still on their way.
fn unacknowledged(client: &Client) -> i32 {
    let mut count = 0;
    let fd = client.stream().as_raw_fd();
    // SAFETY: the kernel writes an int through the pointer, which is what it points to (tcp(7), SIOCOUTQ).
    let asked = unsafe { nix::libc::ioctl(fd, nix::libc::TIOCOUTQ, &raw mut count) };
    assert_eq!(asked, 0, "cannot observe the client's socket");
    count
}
