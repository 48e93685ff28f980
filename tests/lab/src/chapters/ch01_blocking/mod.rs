//! Chapter 1: one client at a time.

use suite::{Client, Server, eventually, net, seen};

use crate::course::{Chapter, lesson};
use crate::world::asleep_in;
use crate::{Evidence, Lab};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 1,
        lesson: lesson(include_str!("lesson.md"), &[a_silent_client]),
        claims: &[(5, a_silent_client)],
        specimens: &[],
    }
}

/// A silent client and one that talks: stage 1 makes the second wait, stage 6 does not.
fn a_silent_client(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(1)?;
    let (silent, talking) = a_and_b(&server);
    let queued = || seen(net::listener(server.address())).unread;
    eventually("B's connection to be in the accept queue", || queued() == 1);
    eventually("the server to sleep", || server.process().state() == 'S');
    let call = asleep_in(server.process());
    evidence.outcome("stage 1 sleeps in", call, "recvfrom");
    evidence.count("clients in its accept queue", queued(), 1);
    drop(silent);
    evidence.count("bytes for B once A has left", talking.receive(8).len(), 8);
    let server = lab.start(6)?;
    let (_silent, talking) = a_and_b(&server);
    let answer = talking.receive(8).len();
    evidence.count("bytes for B at stage 6, A still there", answer, 8);
    let threads = server.process().threads().len();
    evidence.count("threads of stage 6", threads, 1);
    Ok(())
}

/// Connects A, which is answered and then silent, and B, which sends a line.
fn a_and_b(server: &Server) -> (Client, Client) {
    let silent = server.connect();
    silent.echo(b"here");
    let talking = server.connect();
    talking.send(b"anybody?");
    (silent, talking)
}
