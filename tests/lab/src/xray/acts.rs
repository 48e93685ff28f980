//! The acts of clients, one step at a time. Each waits until the server has finished its part.

use anyhow::Context;
use suite::profile::{Crowd, Others};
use suite::{Call, Client, Server, Subject, Tracer};

use super::rest::until_at_rest;
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
