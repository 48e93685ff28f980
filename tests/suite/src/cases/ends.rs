//! E13 and E14: how a server ends, and comes back. What one that drains has to bear is in `drain.rs`.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::drain::drains;
use crate::net::is_in_time_wait;
use crate::profile::{Others, Term};
use crate::{End, Faults, Server, Subject, ending, eventually};

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
pub(super) fn stops_listening(address: SocketAddr) {
    eventually(
        "the server to stop listening, so that connections are refused",
        || {
            let answer = TcpStream::connect_timeout(&address, Duration::from_millis(500));
            answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        },
    );
}
