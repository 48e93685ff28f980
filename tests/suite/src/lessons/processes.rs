//! Stage 2: a process for each client.

use nix::sys::signal::{Signal, kill};

use crate::{Client, Process, Server, Subject, eventually};

/// Clients, each with the child that serves it.
fn with_children(server: &Server, number: usize) -> Vec<(Client, Process)> {
    let mut known: Vec<Process> = Vec::new();
    let mut pairs = Vec::new();
    for _ in 0..number {
        let client = server.connect();
        client.echo(b"in");
        let children = server.process().children();
        let new = children.iter().find(|child| !known.contains(child));
        let child = *new.unwrap_or_else(|| panic!("the server created no child for a client"));
        known.push(child);
        pairs.push((client, child));
    }
    pairs
}

/// Checks that a killed child harms only its own client, that the log reports its death with pid, client and signal,
/// and that no zombie stays.
pub fn l02_killed_child(subject: &Subject) {
    let server = subject.start();
    let mut pairs = with_children(&server, 3);
    for signal in [Signal::SIGKILL, Signal::SIGABRT] {
        let (client, child) = pairs.remove(0);
        assert_eq!(kill(child.pid(), signal), Ok(()));
        client.expect_turned_away();
        let words = [
            child.pid().to_string(),
            client.address().to_string(),
            signal.to_string(),
        ];
        eventually(
            "the child's death to be reported with its pid, its client and the signal",
            || {
                let log = server.log();
                log.lines()
                    .any(|line| words.iter().all(|word| line.contains(word)))
            },
        );
        assert!(
            !server.process().children().contains(&child),
            "the child that was killed stays as a zombie"
        );
        pairs
            .iter()
            .for_each(|(client, _)| client.echo(b"unharmed"));
    }
    server.connect().echo(b"the server is still there, too");
}

/// Checks that 500 children that end together, so that their signals coalesce, are all reaped although no further
/// client comes.
pub fn l02_no_zombies(subject: &Subject) {
    let server = subject.start();
    let clients = server.crowd(500);
    let children = server.process().children();
    assert_eq!(children.len(), 500, "children for 500 clients");
    // The parent learns of all of them at once.
    server.stop();
    drop(clients);
    eventually("all 500 children to end", || {
        children.iter().all(|child| child.state() == 'Z')
    });
    server.go_on();
    eventually("the server to reap all of its children", || {
        server.process().children().is_empty()
    });
}

/// Checks that the parent keeps no connection, and that a child keeps no listener, only its own connection.
pub fn l02_each_closes_what_is_not_its_own(subject: &Subject) {
    let server = subject.start();
    let parent = server.process().descriptor_count();
    let pairs = with_children(&server, 3);
    for (_, child) in &pairs {
        eventually("a child to have a single socket, its connection", || {
            child.sockets().len() == 1
        });
    }
    eventually("the parent to have no descriptor of a client", || {
        server.process().descriptor_count() == parent
    });
}
