//! Probes of how a server ends and comes back.

use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use suite::net::{Socket, is_in_time_wait};
use suite::profile::Term;
use suite::{Client, Faults, Server, Subject, eventually};

use super::{Found, found, has_ended, is_answered, is_well, soon, start_under};
use crate::world::attempt;

/// Looks at a server that is told to end: `look` returns when the signal was sent, and what was seen. A drain lasts two
/// seconds, so on a machine that is too busy to look in time, what was seen says nothing, and this looks again.
fn in_time<T>(look: impl Fn() -> (Instant, T)) -> T {
    const MOST: usize = 3;
    let mut seen = look();
    for _ in 1..MOST {
        if seen.0.elapsed() < Duration::from_millis(1_500) {
            break;
        }
        seen = look();
    }
    seen.1
}

pub(crate) fn sigterm(subject: &Subject) -> Found {
    match on_sigterm(subject, &[7; 60_000]) {
        Some(Term::Drains) => found("drains: what had arrived is echoed, then it exits with 0"),
        Some(Term::ParentDies) => found(
            "parent: the parent dies of the signal, its children serve their clients to the end",
        ),
        Some(_) => found("dies: it dies of the signal, and the bytes are lost"),
        None => found("stays: it does not end"),
    }
}

/// Returns what a server does on a SIGTERM that comes while these bytes of a client are not read yet: `Any` if it ends in
/// a way of its own, `None` if it does not end.
pub(crate) fn on_sigterm(subject: &Subject, bytes: &[u8]) -> Option<Term> {
    in_time(|| {
        let server = subject.start();
        let client = server.connect();
        client.echo(b"hello");
        server.stop();
        client.send(bytes);
        // A child that serves the client was not stopped, and answers.
        eventually("the bytes to reach the server's socket", || {
            let socket = Socket::of(server.process(), client.address());
            client.is_readable(0) || socket.is_some_and(|socket| socket.unread() == bytes.len())
        });
        let sent = signal(&server);
        server.go_on();
        let echoed = is_answered(&client, bytes.len());
        let status = has_ended(&server).then(|| server.wait());
        let end = status.map(|status| match status.signal() {
            None if echoed && status.success() => Term::Drains,
            _ if echoed && is_well(&client) => Term::ParentDies,
            Some(libc::SIGTERM) if !echoed => Term::Dies,
            _ => Term::Any,
        });
        (sent, end)
    })
}

/// Sends a server SIGTERM, and returns when.
fn signal(server: &Server) -> Instant {
    server.signal(Signal::SIGTERM);
    Instant::now()
}

pub(crate) fn second_sigterm(subject: &Subject) -> Found {
    in_time(|| {
        let server = subject.start();
        let never = server.connect().with_small_buffers();
        server.push(&never);
        let sent = signal(&server);
        let is_refused =
            || TcpStream::connect_timeout(&server.address(), Duration::from_millis(100)).is_err();
        // A process on its way out does not sleep.
        let drains = || is_refused() && server.process().state() == 'S';
        let seen = soon(&server, || !server.is_alive() || drains());
        if !server.is_alive() {
            return (sent, found("first: the first one ended it already"));
        }
        server.signal(Signal::SIGTERM);
        let ends = seen && has_ended(&server) && server.wait().signal() == Some(libc::SIGTERM);
        let word = match ends {
            true => "ends: the second one ends it at once",
            false => "stays: the second one makes no difference",
        };
        (sent, found(word))
    })
}

pub(crate) fn queued(subject: &Subject) -> Found {
    const CLIENTS: usize = 10;
    in_time(|| {
        let server = subject.start();
        server.connect().echo(b"hello");
        server.stop();
        let clients: Vec<Client> = (0..CLIENTS).map(|_| server.connect()).collect();
        clients.iter().for_each(|client| client.send(b"me too"));
        let sent = signal(&server);
        server.go_on();
        let echoed = clients.iter().filter(|client| is_answered(client, 6));
        let fate = match echoed.count() {
            CLIENTS => found("served: the clients in the queue are let in, and get their echo"),
            echoed => found(format!(
                "lost: of {CLIENTS} clients that waited in the queue, {echoed} got their echo"
            )),
        };
        (sent, fate)
    })
}

pub(crate) fn ignored(subject: &Subject) -> Found {
    let server = start_under(subject, |faults| faults.ignores_sigint = true);
    server.signal(Signal::SIGINT);
    // A server that handles the signal has the time to: each of these clients is a turn of its loop.
    let goes_on = attempt(|| (0..3).for_each(|_| server.connect().echo(b"still there?")));
    match goes_on.is_ok() && server.is_alive() {
        true => found("lives: the signal is ignored, as it was at the start"),
        false => found("dies: the signal ends it, although it was ignored at the start"),
    }
}

pub(crate) fn restart(subject: &Subject) -> Found {
    let mut server = subject.start();
    let address = server.address();
    let client = server.connect();
    client.echo(b"one");
    // The side that closes first has to wait (RFC 9293, section 3.6).
    server.kill();
    client.receive_to_end();
    drop(client);
    eventually("a connection to be in TIME_WAIT", || {
        is_in_time_wait(address)
    });
    let again = attempt(|| {
        let again = Server::start(subject, address, &Faults::default());
        again.connect().echo(b"back");
    });
    match again {
        Ok(()) => found("back: it listens on the same port at once"),
        Err(_) => found("taken: its port is taken, by its own old connection"),
    }
}
