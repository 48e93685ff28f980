//! How a server ends, and comes back.

use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use nix::sys::signal::Signal;
use suite::net::{Socket, is_in_time_wait};
use suite::{Client, Faults, Server, Subject, eventually};

use super::{Found, is_answered, is_well, served, soon};
use crate::show::Tone;
use crate::world::attempt;

pub(in crate::matrix) fn sigterm(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"hello");
    let bytes = [7; 60_000];
    server.stop();
    client.send(&bytes);
    // A child that serves the client was not stopped, and answers.
    eventually("the bytes to reach the server's socket", || {
        let socket = Socket::of(server.process(), client.address());
        client.is_readable(0) || socket.is_some_and(|socket| socket.unread() == bytes.len())
    });
    server.signal(Signal::SIGTERM);
    server.go_on();
    let echoed = is_answered(&client, bytes.len());
    let ended = soon(&server, || !server.is_alive());
    match (echoed, ended, ended.then(|| server.wait())) {
        (true, _, Some(status)) if status.success() => Found::new(
            "drains",
            Tone::Good,
            "what had arrived is echoed, then it exits with 0",
        ),
        (true, _, Some(_)) if is_well(&client) => Found::new(
            "parent",
            Tone::Warn,
            "the parent dies of the signal, its children serve their clients to the end",
        ),
        (_, false, _) => Found::new("stays", Tone::Bad, "it does not end"),
        _ => Found::new(
            "dies",
            Tone::Bad,
            "it dies of the signal, and the bytes are lost",
        ),
    }
}

pub(in crate::matrix) fn second_sigterm(subject: &Subject) -> Found {
    let server = subject.start();
    let never = server.connect().with_small_buffers();
    server.push(&never);
    server.signal(Signal::SIGTERM);
    // A process that is ending does not sleep.
    let drains = || is_refused(&server) && server.process().state() == 'S';
    let seen = soon(&server, || !server.is_alive() || drains());
    if !server.is_alive() {
        return Found::new("first", Tone::Warn, "the first one has ended it already");
    }
    server.signal(Signal::SIGTERM);
    let ended = soon(&server, || !server.is_alive());
    match seen && ended && server.wait().signal() == Some(Signal::SIGTERM as i32) {
        true => Found::new("ends", Tone::Good, "the second one ends it at once"),
        false => Found::new("stays", Tone::Bad, "the second one makes no difference"),
    }
}

pub(in crate::matrix) fn queued(subject: &Subject) -> Found {
    const CLIENTS: usize = 10;
    let server = subject.start();
    server.connect().echo(b"hello");
    server.stop();
    let clients: Vec<Client> = (0..CLIENTS).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.send(b"me too"));
    server.signal(Signal::SIGTERM);
    server.go_on();
    let echoed = clients
        .iter()
        .filter(|client| is_answered(client, 6))
        .count();
    match echoed {
        CLIENTS => served("the clients in the queue are let in, and get their echo"),
        _ => Found::new(
            "lost",
            Tone::Bad,
            format!("of {CLIENTS} clients that waited in the queue, {echoed} got their echo"),
        ),
    }
}

pub(in crate::matrix) fn ignored(subject: &Subject) -> Found {
    let faults = Faults {
        ignores_sigint: true,
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    server.signal(Signal::SIGINT);
    // A server that takes the signal has time to: each of these clients is a turn of its loop.
    let goes_on = attempt(|| (0..3).for_each(|_| server.connect().echo(b"still there?")));
    match goes_on.is_ok() && server.is_alive() {
        true => Found::new(
            "lives",
            Tone::Good,
            "the signal is ignored, as it was at the start",
        ),
        false => Found::new(
            "dies",
            Tone::Bad,
            "the signal ends it, although it was ignored at the start",
        ),
    }
}

fn is_refused(server: &Server) -> bool {
    TcpStream::connect_timeout(&server.address(), Duration::from_millis(100)).is_err()
}

pub(in crate::matrix) fn restart(subject: &Subject) -> Found {
    let mut server = subject.start();
    let address = server.address();
    let client = server.connect();
    client.echo(b"one");
    // The side that closes first is the one that has to wait (RFC 9293, section 3.6).
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
        Ok(()) => Found::new("back", Tone::Good, "it listens on the same port at once"),
        Err(_) => Found::new(
            "taken",
            Tone::Bad,
            "its port is taken, by its own old connection",
        ),
    }
}
