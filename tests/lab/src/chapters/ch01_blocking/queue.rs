//! A client that waits in the kernel's queue.

use suite::{Server, eventually, net, seen};

use crate::{Evidence, Lab};

/// A silent client, and one that talks: at stage 1 the second waits, at stage 6 it does not.
pub(super) fn a_silent_client(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let blocking = lab.start(1)?;
    let silent = blocking.connect();
    silent.echo(b"here");
    let talking = blocking.connect();
    talking.send(b"anybody?");
    eventually("B's connection to be in the accept queue", || {
        queued(&blocking) == 1
    });
    eventually("the server sleeps", || blocking.process().state() == 'S');
    let call = blocking.process().blocked_in().map(|(number, _)| number);
    let read = call == Some(libc::SYS_recvfrom as u64);
    let asleep = if read { "recvfrom" } else { "another call" };
    evidence.outcome("stage 1 sleeps in", asleep, "recvfrom");
    evidence.count("clients in its accept queue", queued(&blocking), 1);
    drop(silent);
    let answer = talking.receive(8);
    evidence.count("bytes for B once A has left", answer.len() as u64, 8);
    let multiplexing = lab.start(6)?;
    let silent = multiplexing.connect();
    silent.echo(b"here");
    let talking = multiplexing.connect();
    talking.send(b"anybody?");
    let answer = talking.receive(8);
    let what = "bytes for B at stage 6, A still there";
    evidence.count(what, answer.len() as u64, 8);
    evidence.count("threads of stage 6", threads(&multiplexing), 1);
    Ok(())
}

/// Returns how many clients are connected and not accepted yet.
fn queued(server: &Server) -> u64 {
    seen(net::listener(server.address())).unread
}

fn threads(server: &Server) -> u64 {
    server.process().threads().len() as u64
}
