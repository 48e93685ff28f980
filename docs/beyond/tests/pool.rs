//! The pool under the eyes of the suite, and what a pool bounds, and what it does not.

#[path = "programs/mod.rs"]
mod programs;

use suite::{Client, Server, Subject, eventually, eventually_or, net, run_case};

fn pool(options: &[&str]) -> Subject {
    programs::program("pool", env!("CARGO_BIN_EXE_pool"), options)
}

suite::judge! { pool(&[]), echo_tests }

/// Clients that were answered once, and are silent from then on: each holds a worker.
fn silent(server: &Server, number: usize) -> Vec<Client> {
    let clients: Vec<Client> = (0..number).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    clients
}

/// Four workers and four silent clients: the next one waits, although the server does nothing at all. Of two that wait,
/// the one that came first is served first.
#[test]
fn as_many_silent_clients_as_workers_and_the_next_one_waits() {
    run_case("silent clients", four_are_silent, &pool(&[]));
}

fn four_are_silent(subject: &Subject) {
    let server = subject.start();
    let mut silent = silent(&server, 4);
    let (fifth, sixth) = (server.connect(), server.connect());
    for client in [&sixth, &fifth] {
        client.send(b"me too");
    }
    server.expect_rest(&fifth);
    sixth.expect_silence();
    drop(silent.pop());
    fifth.expect(b"me too");
    sixth.expect_silence();
    drop(silent.pop());
    sixth.expect(b"me too");
}

/// However many come: four threads that serve and one that accepts, and the descriptors of four clients that are served,
/// eight in the queue, and one in the hand of the thread that accepts. All others wait in the kernel, where they believe
/// themselves connected.
#[test]
fn a_pool_bounds_threads_and_descriptors() {
    run_case("bounds", sixty_come, &pool(&["--queue", "8"]));
}

fn sixty_come(subject: &Subject) {
    let server = subject.start();
    let process = server.process();
    let descriptors = process.descriptor_count();
    assert_eq!(process.threads().len(), 1 + 4, "threads before a client");
    let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.send(b"in"));
    let outside = || net::listener(server.address()).map(|row| row.unread);
    let inside = 4 + 8 + 1;
    eventually_or(
        "47 of 60 clients to wait in the kernel's queue",
        || outside() == Some(60 - inside),
        || format!("there are {:?}", outside()),
    );
    server.expect_rest(&clients[59]);
    assert_eq!(process.threads().len(), 1 + 4, "threads next to 60 clients");
    let more = process.descriptor_count() - descriptors;
    assert_eq!(more as u64, inside, "descriptors of clients");
    // Each is served in the end, in the order in which they came.
    for client in clients {
        client.expect(b"in");
    }
}

/// A client that is reset while it is served, or while it waits, costs no worker: afterwards all four serve.
#[test]
fn no_client_takes_a_worker_with_it() {
    run_case("workers stay", resets, &pool(&[]));
}

fn resets(subject: &Subject) {
    let server = subject.start();
    let threads = server.process().threads();
    for _ in 0..25 {
        let clients = silent(&server, 4);
        let waiting: Vec<Client> = (0..10).map(|_| server.connect()).collect();
        waiting.iter().for_each(|client| client.send(b"never read"));
        suite::leave(waiting);
        suite::leave(clients);
    }
    silent(&server, 4);
    assert_eq!(server.process().threads(), threads, "other threads");
}

/// Without a queue of its own the pool works as well: a client is handed over to a worker that is free.
#[test]
fn without_a_queue() {
    run_case(
        "no queue",
        no_queue,
        &pool(&["--queue", "0", "--workers", "1"]),
    );
}

fn no_queue(subject: &Subject) {
    let server = subject.start();
    let first = server.connect();
    first.echo(b"first");
    let second = server.connect();
    second.send(b"second");
    second.expect_silence();
    first.half_close();
    first.expect_eof();
    second.expect(b"second");
    eventually("the second client to be the only one", || {
        server.process().sockets().len() == 2
    });
}
