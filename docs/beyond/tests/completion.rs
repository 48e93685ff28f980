//! What only a server on io_uring can do wrong, and what it does better: counted, not timed.

#[path = "ring/mod.rs"]
mod ring;

use std::net::TcpListener;
use std::process::{Command, Output};

use nix::sys::signal::Signal;
use nix::sys::socket::{setsockopt, sockopt};
use suite::net::enlarge_buffers;
use suite::{Client, Faults, Server, crowd, duplicate, eventually_or, fill_all, leave};

/// Bytes of a pattern that are sent at a time.
const PIECE: usize = 65_536;

/// Clients that are answered once, and what they send while the server is stopped is there when it goes on.
fn all_at_once(server: &Server, number: usize) -> Vec<Client> {
    let clients: Vec<Client> = (0..number).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    server.stop();
    clients.iter().for_each(|client| client.send(b"a word"));
    clients
}

/// 64 clients have sent something: one call reports all of it, and the next one sends all of the echoes.
#[test]
fn one_call_is_for_many_clients() {
    let Some(subject) = ring::subject() else {
        return;
    };
    let server = subject.start();
    let clients = all_at_once(&server, 64);
    let tracer = server.trace();
    server.go_on();
    clients.iter().for_each(|client| client.expect(b"a word"));
    let calls = tracer.finish();
    let others = calls.iter().filter(|call| call.name() != "io_uring_enter");
    assert_eq!(others.collect::<Vec<_>>(), [] as [&suite::Call; 0]);
    // Three, if a client's bytes do not take their time.
    assert!(calls.len() <= 8, "64 echoes took {} calls", calls.len());
    leave(clients);
}

/// More bytes are there at once than the pool has buffers for.
#[test]
fn more_bytes_than_buffers() {
    const PIECES: usize = 8;
    let Some(subject) = ring::subject() else {
        return;
    };
    let server = subject.start();
    let enlarged = enlarge_buffers(server.process());
    assert!(enlarged.is_ok(), "{enlarged:?}");
    let clients: Vec<Client> = (0..64).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    server.stop();
    for client in &clients {
        (0..PIECES).for_each(|number| client.send_pattern(number * PIECE, PIECE));
    }
    server.go_on();
    for client in &clients {
        client.expect_pattern(0, PIECES * PIECE);
    }
    clients.iter().for_each(|client| client.echo(b"and again"));
    leave(clients);
}

/// More clients come at once than the queue of completions has room for: a multishot accept ends there.
#[test]
fn more_clients_than_completions() {
    let Some(subject) = ring::subject() else {
        return;
    };
    let server = subject.start();
    server.connect().echo(b"first");
    server.stop();
    let crowd = crowd(3_000);
    let clients: Vec<Client> = (0..crowd.size).map(|_| server.connect()).collect();
    server.go_on();
    clients.iter().for_each(|client| client.echo(b"in"));
    leave(clients);
}

/// More clients than there are buffers send and do not read. None of them keeps a buffer from the others.
#[test]
fn buffers_do_not_wait_for_clients() {
    const STALLED: usize = 300;
    let Some(subject) = ring::subject() else {
        return;
    };
    let server = subject.start();
    // Otherwise the kernel would take megabytes for each before its client stalls.
    shrink_buffers(&server);
    let bystander = server.connect();
    bystander.echo(b"here");
    let stalled: Vec<Client> = (0..STALLED)
        .map(|_| server.connect().with_small_buffers())
        .collect();
    fill_all(&stalled);
    bystander.echo(b"still here");
    drop(stalled);
    server.connect().echo(b"and the next one");
}

/// Gives the connections that are to come small buffers for what is sent, by way of the listener.
fn shrink_buffers(server: &Server) {
    for number in server.process().sockets() {
        let listener = duplicate(server.process(), number);
        let set = listener.map(|listener| setsockopt(&listener, sockopt::SndBuf, &4096));
        assert!(matches!(set, Ok(Ok(()))), "{set:?}");
    }
}

/// The kernel has no client's memory, and no descriptor, when nobody is left.
#[test]
fn nothing_stays_behind_clients_that_are_reset() {
    let Some(subject) = ring::subject() else {
        return;
    };
    let server = subject.start();
    server.connect().echo(b"first");
    let sockets = || server.process().sockets().len();
    for _ in 0..2 {
        let clients: Vec<Client> = (0..8)
            .map(|_| server.connect().with_small_buffers())
            .collect();
        server.push_all(&clients);
        clients.into_iter().for_each(Client::reset);
        eventually_or(
            "the server to close the sockets of clients that were reset",
            || sockets() == 1,
            || format!("{} sockets are open", sockets()),
        );
    }
    server.connect().echo(b"last");
}

/// A request keeps a socket open, even when its program has ended. The server waits for the end of its accept, and the
/// port is free at once.
#[test]
fn the_port_is_free_when_the_server_has_ended() {
    let Some(subject) = ring::subject() else {
        return;
    };
    let is_taken = |_: &usize| {
        let server = subject.start();
        let address = server.address();
        server.signal(Signal::SIGTERM);
        server.expect_exit("after SIGTERM");
        TcpListener::bind(address).is_err()
    };
    // The suite has had a copy of the listener for a moment, and a child that another test has just forked may still have it.
    let taken = (0..20).filter(is_taken).count();
    assert!(
        taken <= 2,
        "of 20 servers that have ended, the ports of {taken} are still taken"
    );
}

/// Where the kernel or a container forbids io_uring, or is too old, the program says so in a line.
#[test]
fn a_refusal_is_a_line() {
    let refusals = [
        (nix::libc::EPERM, "io_uring is forbidden here"),
        (nix::libc::ENOSYS, "this kernel has no io_uring"),
        (nix::libc::EINVAL, "Linux 6.1 is needed"),
    ];
    for (error, words) in refusals {
        let faults = Faults {
            refused: Some((nix::libc::SYS_io_uring_setup, error)),
            ..Faults::NONE
        };
        let mut command = Command::new(ring::program());
        faults.prepare(command.arg("127.0.0.1:0"));
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap_or_else(|error| panic!("{error}"));
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!((status.code(), stdout.len()), (Some(1), 0), "{said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
    }
}
