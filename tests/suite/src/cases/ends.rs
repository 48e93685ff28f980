//! E13 and E14: how a server ends, and comes back. The tests of a drain are in `drain.rs`.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::drain::drains;
use crate::net::is_in_time_wait;
use crate::profile::{Others, Term};
use crate::{End, Faults, Server, Subject, ending, eventually};

/// Checks E13: SIGTERM.
pub fn e13_sigterm(subject: &Subject) {
    ends_by(subject, Signal::SIGTERM);
}

/// Checks E13: SIGINT, as sent by Ctrl-C.
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

/// Checks E13: a signal that was ignored when the server started stays ignored. A shell starts a script's background
/// programs that way.
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
    // It has gone through its loop since; a signal that was not ignored would have been pending.
    for _ in 0..3 {
        let client = server.connect();
        client.echo(b"undisturbed");
        client.half_close();
        client.expect_eof();
    }
    assert!(
        server.is_alive(),
        "the server was started with SIGINT ignored, but SIGINT ended it"
    );
}

/// Checks E13: the second signal ends a draining server at once. The course's servers die of it; others may end in
/// their own way.
pub fn e13_second_signal(subject: &Subject) {
    /// A drain would have taken two seconds after the first signal.
    const IN_TIME: Duration = Duration::from_millis(1500);
    // On a machine so slow that the first signal's time is up, this shows nothing, so it is tried again.
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

/// Checks E14: a restarted server listens on the same port at once, with connections of its last run in TIME_WAIT and
/// FIN_WAIT2.
pub fn e14_restart(subject: &Subject) {
    let mut server = subject.start();
    let address = server.address();
    let (in_time_wait, in_fin_wait) = (server.connect(), server.connect());
    in_time_wait.echo(b"one");
    if subject.profile.others == Others::Served {
        in_fin_wait.echo(b"two");
    }
    // The side that closes first has to wait (RFC 9293, section 3.6).
    server.kill();
    let (bytes, end) = in_time_wait.receive_to_end();
    assert!(
        bytes.is_empty() && end == End::Eof,
        "when the server was killed, its client should have seen EOF, but saw {} bytes and {end:?}",
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

/// Checks that nothing listens there any more, so that a connection is refused. If a listener were left that nobody
/// accepts from, it would connect, or get no answer once the queue is full.
pub(super) fn stops_listening(address: SocketAddr) {
    eventually(
        "the server to stop listening, so that connections are refused",
        || {
            let answer = TcpStream::connect_timeout(&address, Duration::from_millis(500));
            answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        },
    );
}
