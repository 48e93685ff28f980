//! The answer of select: the sets themselves, changed in place.

use std::ffi::c_ulong;
use std::mem::size_of;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use suite::{Call, Client, Server, eventually, net, read_memory};

use crate::{Evidence, Lab};

/// The set that comes back, read out of the server's memory, names who has sent; it may be several.
pub(super) fn the_set_says_which(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(4)?;
    let clients: Vec<_> = (0..8).map(|_| arrive(&server)).collect();
    let sets = Sets::default();
    let (hook, gate) = recorder(server.process().pid().as_raw(), Arc::clone(&sets));
    let tracer = lab.trace_with(server.process().pid().as_raw(), hook)?;
    let one = &clients[5];
    let (two, three) = (&clients[1], &clients[6]);
    one.0.send(b"I");
    // While the server is held at the wake-up for the one, the others' bytes arrive.
    gate.at_first_wait();
    two.0.send(b"I");
    three.0.send(b"I");
    eventually("all bytes to arrive", || {
        net::unread_connections(server.address()) == 3
    });
    gate.open();
    for (client, _) in [one, two, three] {
        client.receive(1);
    }
    drop(tracer);
    let sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = |at: usize| sets.get(at).map(|set| in_words(set)).unwrap_or_default();
    let first = format!("client on {} sends: bits set by select", one.1);
    evidence.outcome(first, seen(0), &in_words(&[one.1]));
    let both = format!("clients on {} and {} send: bits set", two.1, three.1);
    evidence.outcome(both, seen(1), &in_words(&[two.1, three.1]));
    evidence.count("bits that glibc's set has at all", glibc_bits(), 1024);
    Ok(())
}

/// A client that is in, and the descriptor that the server has for it.
fn arrive(server: &Server) -> (Client, i32) {
    let client = server.connect();
    client.echo(b"in");
    let newest = server.process().sockets().into_iter().max();
    (client, newest.unwrap_or_default())
}

/// The sets that came back, each as the descriptors in it.
type Sets = Arc<Mutex<Vec<Vec<i32>>>>;

/// Holds the server at its first wake-up, until this is opened or dropped.
struct Gate {
    reached: Receiver<()>,
    opened: Sender<()>,
}

impl Gate {
    fn at_first_wait(&self) {
        let reached = self.reached.recv_timeout(suite::deadline());
        assert!(reached.is_ok(), "the server does not wake");
    }

    fn open(self) {
        drop(self.opened);
    }
}

/// Notes the set of each select that has found something, at the very moment when it returns.
fn recorder(pid: i32, sets: Sets) -> (impl FnMut(&Call) + Send + 'static, Gate) {
    let (reach, reached) = channel();
    let (opened, open) = channel::<()>();
    let mut first = true;
    let hook = move |call: &Call| {
        if !matches!(call.name(), "select" | "pselect6") || call.result < 1 {
            return;
        }
        let set = descriptors(pid, call).unwrap_or_default();
        sets.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(set);
        if std::mem::take(&mut first) {
            // Both fail if the experiment is over: then nobody is to be held. Nothing is ever sent on the
            // second: it fails when the gate is opened.
            let _ = reach.send(());
            let _ = open.recv();
        }
    };
    (hook, Gate { reached, opened })
}

/// The descriptors in the set for reading, which is the second argument.
fn descriptors(pid: i32, call: &Call) -> anyhow::Result<Vec<i32>> {
    const WORD: usize = c_ulong::BITS as usize;
    let nfds = usize::try_from(call.args[0])?;
    let bytes = read_memory(pid, call.args[1], nfds.div_ceil(WORD) * WORD / 8)?;
    let words = bytes
        .chunks_exact(size_of::<c_ulong>())
        .map(word)
        .collect::<Vec<_>>();
    let is_set = |fd: &usize| words[fd / WORD] >> (fd % WORD) & 1 == 1;
    Ok((0..nfds).filter(is_set).map(|fd| fd as i32).collect())
}

fn word(bytes: &[u8]) -> c_ulong {
    bytes.try_into().map_or(0, c_ulong::from_ne_bytes)
}

fn in_words(descriptors: &[i32]) -> String {
    let numbers: Vec<_> = descriptors.iter().map(i32::to_string).collect();
    numbers.join(" ")
}

const fn glibc_bits() -> u64 {
    size_of::<libc::fd_set>() as u64 * 8
}
