//! Clients of stage 4: many in one thread, but no more than fit into a set.

use anyhow::Context;
use suite::{Client, Server, eventually, leave, older_name};

use crate::world::{Waits, asleep_in, attempt, ensure_descriptors, is_served};
use crate::{Evidence, Lab};

/// The number of descriptors that an fd_set holds (select(2), FD_SETSIZE).
const BITS: usize = 1024;
/// The server's own descriptors: three standard streams and the listener.
const ITS_OWN: usize = 4;

/// As many clients as fit into stage 4, and one more.
pub(super) fn as_many_as_fit(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    // The server's descriptors, up to the refused one, and the lab's for as many clients.
    ensure_descriptors(BITS as u64 + 100)?;
    let server = lab.start(4)?;
    let mut clients = fill(&server);
    let fitting = clients.len();
    evidence.count("clients served at the same time", fitting, BITS - ITS_OWN);
    let threads = server.process().threads().len();
    evidence.count("by threads", threads, 1);
    let refused = refused_descriptor(&server);
    let what = "descriptor of the next, which is turned away";
    evidence.count(what, refused, BITS);
    let others = clients.iter();
    let undisturbed = attempt(|| others.map(|client| client.echo(b"still there")).count());
    let undisturbed = undisturbed.unwrap_or(0);
    evidence.count("of the others, answered after that", undisturbed, fitting);

    let last = clients.pop().context("no client fits")?;
    let wait = Waits::of(&server, &last, 5).each()?;
    let what = "one speaks: descriptors handed to select";
    evidence.count(what, wait.submitted, BITS);
    evidence.count("of these, ready", wait.ready, 1);

    last.half_close();
    last.expect_eof();
    let next = server.connect();
    let fate = match is_served(&next) {
        true => "served",
        false => "turned away",
    };
    evidence.outcome("one leaves: the next to come is", fate, "served");
    clients.push(next);
    leave(clients);
    Ok(())
}

/// Connects clients until one is turned away.
fn fill(server: &Server) -> Vec<Client> {
    let all = (0..BITS).map(|_| server.connect());
    all.take_while(is_served).collect()
}

/// Returns the descriptor named in the server's one line on standard error.
fn refused_descriptor(server: &Server) -> usize {
    const BEFORE: &str = "turned away: descriptor ";
    eventually("a line to come on standard error", || {
        server.log().contains(BEFORE)
    });
    let log = server.log();
    let behind = log.split_once(BEFORE).map_or("", |(_, behind)| behind);
    let digits = behind.split(|digit: char| !digit.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Many connections, one thread.
pub(super) fn one_thread(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(4)?;
    let process = server.process();
    let clients = server.crowd(100);
    let sockets = process.sockets().len();
    evidence.count("sockets: the listener and 100 clients", sockets, 101);
    evidence.count("threads", process.threads().len(), 1);
    evidence.count("processes", process.family().len(), 1);
    eventually("the program to wait", || process.state() == 'S');
    // glibc's select makes one call or the other, depending on its version.
    let call = older_name(asleep_in(process));
    evidence.outcome("for all of them it sleeps in one call of", call, "select");
    let order = clients.iter().rev().chain(&clients);
    let answered = order.map(|client| client.echo(b"now I")).count();
    evidence.count("answers, in the order of speaking", answered, 200);
    leave(clients);
    Ok(())
}

/// Two processes have two tables of descriptors.
pub(super) fn two_processes(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let each = evidence.room("clients", 1_600) / 2;
    let servers = [lab.start(4)?, lab.start(4)?];
    let clients = servers.each_ref().map(|server| server.crowd(each));
    let all = clients.iter().flatten();
    let answered = all.map(|client| client.echo(b"still there")).count();
    evidence.count("clients served at the same time", answered, 2 * each);
    for (server, name) in servers.iter().zip(["first", "second"]) {
        let highest = server.process().sockets().into_iter().max();
        let what = format!("highest descriptor of the {name} process");
        evidence.count(what, highest.unwrap_or_default(), ITS_OWN + each - 1);
    }
    clients.into_iter().for_each(leave);
    Ok(())
}
