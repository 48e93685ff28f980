//! Clients of stage 4: many in one thread, and no more than fit into a set.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use suite::{Client, Server, eventually, leave};
use syscalls::Sysno;

use crate::world::{Waits, attempt, crowd, ensure_descriptors};
use crate::{Evidence, Lab};

/// The descriptors that an fd_set has room for (select(2), FD_SETSIZE).
const BITS: u64 = 1024;
/// How many descriptors the server itself has open: three standard ones and the listener.
const ITS_OWN: u64 = 4;

/// As many clients as fit into stage 4, and one more.
pub(super) fn as_many_as_fit(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // The server's, up to the one that is refused, and the lab's for as many clients.
    ensure_descriptors(BITS + 100)?;
    let server = lab.start(4)?;
    let mut clients = fill(&server)?;
    let fitting = clients.len() as u64;
    evidence.count("clients served at the same time", fitting, BITS - ITS_OWN);
    let threads = server.process().threads().len() as u64;
    evidence.count("by threads", threads, 1);
    let refused = refused_descriptor(&server);
    evidence.count("descriptor of the next, who is turned away", refused, BITS);

    let undisturbed = attempt(|| {
        clients
            .iter()
            .for_each(|client| client.echo(b"still there"))
    });
    let undisturbed = undisturbed.map_or(0, |()| fitting);
    evidence.count("of the others, answered after that", undisturbed, fitting);

    let last = clients.pop().context("no client fits")?;
    let wait = Waits::of(lab, &server, &last, 5)?.each()?;
    evidence.count(
        "one speaks: descriptors handed to select",
        wait.submitted,
        BITS,
    );
    evidence.count("of these, ready", wait.ready, 1);

    last.half_close();
    last.expect_eof();
    let next = server.connect();
    let fate = if is_served(&next)? {
        "served"
    } else {
        "turned away"
    };
    evidence.outcome("one leaves: the next who comes is", fate, "served");
    clients.push(next);
    leave(clients);
    Ok(())
}

/// Lets in clients until one is turned away.
fn fill(server: &Server) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    while (clients.len() as u64) < BITS {
        let client = server.connect();
        if !is_served(&client)? {
            break;
        }
        clients.push(client);
    }
    Ok(clients)
}

/// Whether the server answers a client that has just come, or turns it away: by EOF, or by a reset.
fn is_served(client: &Client) -> io::Result<bool> {
    // If this fails, the server has closed the connection already, which the next call finds, too.
    let _ = client.stream().write(b"in");
    match client.peek(&mut [0]) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
        Ok(0) => Ok(false),
        answered => answered.map(|_| client.receive(2).len() == 2),
    }
}

/// The descriptor that the server's one line on standard error names.
fn refused_descriptor(server: &Server) -> u64 {
    const BEFORE: &str = "turned away: descriptor ";
    eventually("a line to come on standard error", || {
        server.log().contains(BEFORE)
    });
    let log = server.log();
    let mut refused = log.lines().filter_map(|line| line.split_once(BEFORE));
    let word = refused.next().and_then(|(_, rest)| rest.split(' ').next());
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Many connections, one thread.
pub(super) fn one_thread(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const CLIENTS: usize = 100;
    let server = lab.start(4)?;
    let process = server.process();
    let clients = crowd(&server, CLIENTS);
    let sockets = process.sockets().len() as u64;
    evidence.count("sockets: the listener and 100 clients", sockets, 101);
    evidence.count("threads", process.threads().len() as u64, 1);
    evidence.count("processes", 1 + process.descendants().len() as u64, 1);
    eventually("the program to wait", || process.state() == 'S');
    let call = process.blocked_in().map(|(number, _)| number as usize);
    let name = call
        .and_then(Sysno::new)
        .map_or("no call", |call| call.name());
    // glibc's select makes the one or the other, by its version.
    let place = if name == "pselect6" { "select" } else { name };
    evidence.outcome("for all of them it sleeps in one call of", place, "select");
    let order = clients.iter().rev().chain(&clients);
    let answered = order.map(|client| client.echo(b"now I")).count();
    evidence.count("answers, in the order of who speaks", answered as u64, 200);
    leave(clients);
    Ok(())
}

/// Two processes have two tables of descriptors.
pub(super) fn two_processes(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let room = evidence.room("clients", 1_600);
    let each = room / 2;
    let servers = [lab.start(4)?, lab.start(4)?];
    let mut clients = Vec::new();
    for server in &servers {
        clients.push(crowd(server, each));
    }
    let all = clients.iter().flatten();
    let answered = all.map(|client| client.echo(b"still there")).count();
    let expected = 2 * each as u64;
    evidence.count("clients served at the same time", answered as u64, expected);
    for (server, name) in servers.iter().zip(["first", "second"]) {
        let numbers = server.process().sockets();
        let highest = numbers.into_iter().max().unwrap_or_default();
        let what = format!("highest descriptor of the {name} process");
        evidence.count(what, highest as u64, ITS_OWN + each as u64 - 1);
    }
    clients.into_iter().for_each(leave);
    Ok(())
}
