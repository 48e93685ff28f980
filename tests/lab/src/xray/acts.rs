//! The acts of clients, one step at a time. Each waits until the server has finished its part.

use anyhow::Context;
use serde::Serialize;
use suite::profile::{Crowd, Others};
use suite::{Call, Client, Process, Server, Subject, Tracer, eventually_or};

use crate::show::number;
use crate::world::Room;

/// Idle clients that fit into an fd_set next to the server's own descriptors and the acting clients.
const ROOM_IN_A_SET: usize = 1_000;

/// Returns how many of `wanted` idle clients a server can hold, and the reason if they are fewer.
pub(super) fn room(subject: &Subject, wanted: usize) -> (usize, Option<String>) {
    let profile = &subject.profile;
    if profile.others == Others::Wait && wanted > 0 {
        let why = "no idle clients: this server takes one client at a time";
        return (0, Some(why.to_owned()));
    }
    // The acting client needs a worker, too.
    if let Others::Workers(workers) = profile.others
        && wanted >= workers
    {
        let (wanted, most) = (number(wanted as u64), workers - 1);
        let why = format!("idle clients {wanted} → {most}: it serves {workers} at the same time");
        return (most, Some(why));
    }
    if profile.crowd == Crowd::Below1024 && wanted > ROOM_IN_A_SET {
        let (wanted, given) = (number(wanted), number(ROOM_IN_A_SET));
        let why = format!("idle clients {wanted} → {given}: an fd_set has 1,024 bits");
        return (ROOM_IN_A_SET, Some(why));
    }
    let room = Room::for_connections("idle clients", wanted);
    let why = room.is_reduced().then(|| room.to_string());
    (room.given, why)
}

/// Connects clients that are answered once each, and then stay silent.
pub(super) fn crowd(server: &Server, number: usize) -> Vec<Client> {
    let clients = server.crowd(number);
    until_at_rest(server.process());
    clients
}

/// Connects a silent client to a traced server. Only the trace shows that it was let in.
pub(super) fn connect(server: &Server, tracer: &Tracer) -> anyhow::Result<Client> {
    tracer.clear();
    let client = server.connect();
    // On io_uring the wait itself accepts.
    let accepts =
        |call: &Call| call.name().starts_with("accept") || call.name() == "io_uring_enter";
    let accepted = |call: &Call| accepts(call) && call.result >= 0;
    let seen = tracer.wait_until(|calls| calls.iter().any(accepted));
    seen.context("the server does not let a client in")?;
    until_at_rest(server.process());
    Ok(client)
}

/// Has a client send `bytes` and read them back.
pub(super) fn echo(server: &Server, client: &Client, bytes: &[u8]) {
    client.echo(bytes);
    until_at_rest(server.process());
}

/// Has a client leave by EOF.
pub(super) fn leave(server: &Server, client: Client) {
    client.half_close();
    client.expect_eof();
    until_at_rest(server.process());
}

/// How often the kernel switched away from tasks (proc_pid_status(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Because they slept.
    pub voluntary: u64,
    /// Because other tasks got the CPU core.
    pub involuntary: u64,
}

impl Switches {
    /// Returns the switches so far of all threads of a server and of its children.
    pub(super) fn of(server: Process) -> Self {
        let threads = server.family_threads();
        let sum =
            |count: fn(Process) -> Option<u64>| threads.iter().copied().filter_map(count).sum();
        Self {
            voluntary: sum(Process::sleeps),
            involuntary: sum(Process::interruptions),
        }
    }

    /// Returns the switches since `before`.
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            voluntary: self.voluntary.saturating_sub(before.voluntary),
            involuntary: self.involuntary.saturating_sub(before.involuntary),
        }
    }
}

/// Waits until no thread of the server has anything to do. Call it once the stimulus has reached the server, or it may
/// return before the server has begun.
///
/// One look is not enough, because it takes time: a sleeping thread may wake another before the look reaches that one.
/// If all are asleep twice, and none was switched in between, none has run.
fn until_at_rest(server: Process) {
    let mut before = None;
    eventually_or(
        "the server to come to rest, because its clients say nothing",
        || {
            // An unreaped child has a thread, too: a zombie, which is not asleep.
            let threads = server.family_threads();
            let asleep = threads.iter().all(|thread| thread.state() == 'S');
            let now = asleep.then(|| Switches::of(server));
            let at_rest = now.is_some() && now == before;
            before = now;
            at_rest
        },
        || match server.state() {
            'X' | 'Z' => "it has ended".to_owned(),
            _ => "it goes on running".to_owned(),
        },
    );
}
