//! E13 and E14: how a server ends, and comes back.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::net::{Socket, is_in_time_wait, unacknowledged};
use crate::profile::{Others, Term};
use crate::{Call, Client, End, Faults, Server, Subject};
use crate::{assert_same, deadline, ending, eventually, pattern};

/// E13: SIGTERM.
pub fn e13_sigterm(subject: &Subject) {
    ends_by(subject, Signal::SIGTERM);
}

/// E13: SIGINT, as by Ctrl-C.
pub fn e13_sigint(subject: &Subject) {
    ends_by(subject, Signal::SIGINT);
}

fn ends_by(subject: &Subject, signal: Signal) {
    match subject.profile.term {
        Term::Any => {}
        Term::Dies => {
            let server = subject.start();
            let client = server.connect();
            client.echo(b"alive");
            server.signal(signal);
            server.expect_death_by(signal);
            client.expect_turned_away();
        }
        Term::ParentDies => {
            let server = subject.start();
            let client = server.connect();
            client.echo(b"alive");
            server.signal(signal);
            server.expect_death_by(signal);
            stops_listening(server.address());
            client.echo(b"orphaned, and alive");
            client.half_close();
            client.expect_eof();
        }
        Term::Drains => drains(subject, signal),
    }
}

/// What has arrived is echoed, though no byte of it was read when the signal came; then all
/// connections end, and the server with them.
fn drains(subject: &Subject, signal: Signal) {
    let server = subject.start();
    let idle = server.connect();
    let talking = server.connect();
    // More than a server reads at a time, and less than it needs a reader for.
    let bytes = pattern(0, 60_000);
    idle.echo(b"idle from now on");
    talking.echo(b"hello");
    server.stop();
    talking.send(bytes);
    eventually("the bytes to reach the server's socket", || {
        let socket = Socket::of(server.process(), talking.address());
        socket.is_some_and(|socket| socket.unread() == bytes.len())
    });
    server.signal(signal);
    server.go_on();
    talking.expect(bytes);
    server.expect_exit(&format!("after {signal}"));
    talking.expect_eof();
    idle.expect_eof();
    stops_listening(server.address());

    // It is ready for the signal when it says that it is ready.
    let server = subject.start();
    server.signal(signal);
    server.expect_exit(&format!("after {signal} that comes right after the start"));
}

/// E13: a signal that was ignored when the server started, as a shell does it for a program in the
/// background of a script, stays ignored.
pub fn e13_ignored_signal(subject: &Subject) {
    if subject.profile.term == Term::Any {
        return;
    }
    let faults = Faults {
        ignores_sigint: true,
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    server.signal(Signal::SIGINT);
    // It has gone through its loop since, with the signal pending if it was not ignored.
    for _ in 0..3 {
        let client = server.connect();
        client.echo(b"undisturbed");
        client.half_close();
        client.expect_eof();
    }
    assert!(
        server.is_alive(),
        "the server was started with SIGINT ignored, and SIGINT ended it"
    );
}

/// E13: clients that wait in the queue when the signal comes are accepted, and what they have sent is
/// echoed: to close the listener would reset them.
pub fn e13_in_the_queue(subject: &Subject) {
    let server = subject.start();
    server.connect().echo(b"before");
    server.stop();
    let clients: Vec<_> = (0..100).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.send(b"me too"));
    server.signal(Signal::SIGTERM);
    server.go_on();
    for client in &clients {
        client.expect(b"me too");
        client.expect_eof();
    }
    server.expect_exit("after SIGTERM");
}

/// E13: what has arrived behind the urgent mark is echoed, too (tcp(7): FIONREAD counts up to the mark
/// only).
pub fn e13_urgent_mark(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"calm");
    server.stop();
    client.send(b"before");
    client.send_urgent(b'!');
    client.send(b"after");
    let (hook, acknowledged) = holder(&server, &client);
    let tracer = server.trace_with(hook);
    server.signal(Signal::SIGTERM);
    server.go_on();
    let (bytes, end) = client.receive_to_end();
    drop(tracer);
    assert_same(b"beforeafter", &bytes);
    assert!(
        end == End::Eof,
        "the connection ended by a reset, not by EOF"
    );
    assert!(acknowledged.load(SeqCst), "no echo was acknowledged");
}

/// What holds the server after each write until the client has acknowledged all of it. When the server looks
/// at the connection then, nothing is under way but what it has not read.
fn holder(
    server: &Server,
    client: &Client,
) -> (impl FnMut(&Call) + Send + 'static, Arc<AtomicBool>) {
    let (process, address) = (server.process(), client.address());
    let acknowledged = Arc::new(AtomicBool::new(false));
    let (note, end) = (Arc::clone(&acknowledged), Instant::now() + deadline());
    let hook = move |call: &Call| {
        let is_acknowledged = || {
            let socket = Socket::of(process, address);
            socket.is_some_and(|socket| socket.unsent() == 0)
        };
        while call.is_write() && !is_acknowledged() && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
        note.fetch_or(call.is_write() && is_acknowledged(), SeqCst);
    };
    (hook, acknowledged)
}

/// E13: a client that reads late, but within the 2 seconds, loses nothing.
pub fn e13_late_reader(subject: &Subject) {
    let server = subject.start();
    let late = server.connect().with_small_buffers();
    let sent = server.push(&late);
    server.signal(Signal::SIGTERM);
    stops_listening(server.address());
    assert!(
        server.is_alive(),
        "the server ended at SIGTERM, although a client was still owed bytes"
    );
    late.expect_pattern(0, sent);
    late.expect_eof();
    server.expect_exit("after SIGTERM");
}

/// E13: a client that never reads holds up the end for 2 seconds at most. (The name of this case lets
/// it start first: it takes as long as that.)
pub fn drain_within_two_seconds(subject: &Subject) {
    let server = subject.start();
    let never = server.connect().with_small_buffers();
    server.push(&never);
    server.signal(Signal::SIGTERM);
    let began = Instant::now();
    server.expect_exit("after SIGTERM");
    // A server that gave no time at all would have been here at once. What a busy machine adds is little
    // beside the time that anything may take.
    let (took, least) = (began.elapsed(), Duration::from_secs(1));
    let most = Duration::from_secs(2) + deadline() / 8;
    assert!(
        (least..most).contains(&took),
        "a drain takes two seconds if a client never reads, and the server ended after {took:.1?}"
    );
}

/// E13: a client that is owed bytes and goes on talking loses none of them: to close its connection
/// while they are on their way would make a reset of what it sends then.
pub fn e13_still_talking(subject: &Subject) {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    let bytes: Vec<u8> = (0..5)
        .flat_map(|n| pattern(n * 65_536, 65_536))
        .copied()
        .collect();
    client.send(&bytes);
    eventually(
        "the server to read all of the bytes, with some that it cannot send back yet",
        || {
            let socket = Socket::of(server.process(), client.address());
            // What is not acknowledged has not arrived yet.
            unacknowledged(client.stream()) == 0
                && socket.is_some_and(|socket| socket.unread() == 0 && socket.unsent() > 0)
        },
    );
    server.signal(Signal::SIGTERM);
    stops_listening(server.address());
    client.send(b"by the way");
    client.expect(&bytes);
    if subject.profile.is_own {
        client.expect(b"by the way");
        client.expect_eof();
    } else {
        // What came after the signal may be echoed, or not. When the bytes that were owed are here, a reset
        // loses nothing.
        let (more, _) = client.receive_to_end();
        assert!(
            b"by the way".starts_with(&more),
            "what was not sent came back: {more:x?}"
        );
    }
    server.expect_exit("after SIGTERM");
}

/// E13: the second signal ends a server that is draining, at once. The course's own die of it; others may end in whatever
/// way they like.
pub fn e13_second_signal(subject: &Subject) {
    /// A drain would have taken two seconds from the first signal on.
    const IN_TIME: Duration = Duration::from_millis(1500);
    // On a machine so slow that the time of the first signal is up, nothing is shown: it is tried again.
    for _ in 0..3 {
        let server = subject.start();
        let never = server.connect().with_small_buffers();
        server.push(&never);
        let first = Instant::now();
        server.signal(Signal::SIGTERM);
        stops_listening(server.address());
        let in_time = first.elapsed() < IN_TIME;
        server.signal(Signal::SIGTERM);
        let status = server.wait();
        let is_of_the_signal = status.signal() == Some(Signal::SIGTERM as i32);
        let at_once = is_of_the_signal || !subject.profile.is_own && first.elapsed() < IN_TIME;
        if at_once {
            return;
        }
        let (how, after) = (ending(status), first.elapsed());
        assert!(
            !in_time,
            "the second SIGTERM made no difference: {how}, {after:.1?} after the first one"
        );
    }
}

/// E14: it listens on the same port at once, with connections of its last run in TIME_WAIT and in
/// FIN_WAIT2.
pub fn e14_restart(subject: &Subject) {
    let mut server = subject.start();
    let address = server.address();
    let (in_time_wait, in_fin_wait) = (server.connect(), server.connect());
    in_time_wait.echo(b"one");
    if subject.profile.others == Others::Served {
        in_fin_wait.echo(b"two");
    }
    // The side that closes first is the one that has to wait (RFC 9293, section 3.6).
    server.kill();
    let (bytes, end) = in_time_wait.receive_to_end();
    assert!(
        bytes.is_empty() && end == End::Eof,
        "when the server was killed, its client had to see EOF, and saw {} bytes and {end:?}",
        bytes.len()
    );
    drop(in_time_wait);
    eventually("a connection to be in TIME_WAIT", || {
        is_in_time_wait(address)
    });
    let again = Server::start(subject, address, &Faults::default());
    assert_eq!(again.address(), address);
    again.connect().echo(b"back");
}

/// Nobody listens there any more: a connection is refused. (It is not if a listener is left that
/// nobody accepts from; when its queue is full, there is no answer at all.)
fn stops_listening(address: SocketAddr) {
    eventually(
        "the server to stop listening, so that connections are refused",
        || {
            let answer = TcpStream::connect_timeout(&address, Duration::from_millis(500));
            answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        },
    );
}
