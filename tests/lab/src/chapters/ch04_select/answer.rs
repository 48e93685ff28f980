//! The answer of select: the sets themselves, changed in place.

use std::ffi::c_ulong;
use std::sync::mpsc::channel;

use anyhow::Context;
use suite::{Call, Client, Server, deadline, eventually, net, read_memory};

use crate::world::{crowd, in_a_row};
use crate::{Evidence, Lab};

/// The set that comes back, read out of the server's memory, names who has sent; it may be several.
pub(super) fn the_set_says_which(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(4)?;
    let clients: Vec<_> = (0..8).map(|_| arrive(&server)).collect();
    let pid = server.process().pid().as_raw();
    let (wake, woken) = channel();
    // Nothing is ever sent on it: it fails when the other end is dropped.
    let (gate, opened) = channel::<()>();
    // Reports the set of each select that has found something, at the very moment when it returns, and holds the server
    // there until the gate is open, or the experiment over.
    let tracer = lab.trace_with(pid, move |call| {
        if matches!(call.name(), "select" | "pselect6") && call.result > 0 {
            let _ = wake.send(descriptors(pid, call));
            let _ = opened.recv();
        }
    })?;
    let gate = gate; // which is so dropped before the tracer: that waits for the server
    let next_set = || {
        let set = woken.recv_timeout(deadline());
        set.context("the server does not wake")?.map(in_a_row)
    };
    let one = &clients[5];
    let (two, three) = (&clients[1], &clients[6]);
    one.0.send(b"I");
    let first = next_set()?;
    // While the server is held at the wake-up for the one, the others' bytes arrive.
    two.0.send(b"I");
    three.0.send(b"I");
    eventually("all bytes to arrive", || {
        net::unread_connections(server.address()) == 3
    });
    drop(gate);
    for (client, _) in [one, two, three] {
        client.receive(1);
    }
    drop(tracer);
    let what = format!("client on {} sends: bits set by select", one.1);
    evidence.outcome(what, first, &in_a_row([one.1]));
    let what = format!("clients on {} and {} send: bits set", two.1, three.1);
    evidence.outcome(what, next_set()?, &in_a_row([two.1, three.1]));
    let bits = size_of::<libc::fd_set>() * 8;
    evidence.count("bits that glibc's set has at all", bits, 1024);
    Ok(())
}

/// Returns a client that is in, and the descriptor that the server has for it.
fn arrive(server: &Server) -> (Client, i32) {
    let client = crowd(server, 1).remove(0);
    let newest = server.process().sockets().into_iter().max();
    (client, newest.unwrap_or_default())
}

/// Returns the descriptors in the set for reading, which is the second argument.
fn descriptors(pid: i32, call: &Call) -> anyhow::Result<Vec<usize>> {
    const WORD: usize = c_ulong::BITS as usize;
    let nfds = usize::try_from(call.args[0])?;
    let bytes = read_memory(pid, call.args[1], nfds.div_ceil(WORD) * WORD / 8)?;
    let (words, _) = bytes.as_chunks();
    let is_set = |fd: &usize| c_ulong::from_ne_bytes(words[fd / WORD]) >> (fd % WORD) & 1 == 1;
    Ok((0..nfds).filter(is_set).collect())
}
