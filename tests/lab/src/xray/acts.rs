//! The acts of clients, a step at a time: each waits until the server has done all that it does for it.

use anyhow::Context;
use suite::profile::{Crowd, Others};
use suite::{Call, Client, Server, Subject, Tracer};

use super::rest::until_at_rest;
use crate::show::number;
use crate::world::Room;

/// Idle clients that fit into an fd_set, beside the server's own descriptors and the clients that act.
const ROOM_IN_A_SET: usize = 1_000;

/// How many of `wanted` idle clients a stage can have, and why they are fewer.
pub(super) fn room(stage: &Subject, wanted: usize) -> (usize, Option<String>) {
    let profile = &stage.profile;
    if profile.others == Others::Wait && wanted > 0 {
        let why = "no idle clients: it serves one client at a time";
        return (0, Some(why.to_owned()));
    }
    if profile.crowd == Crowd::Below1024 && wanted > ROOM_IN_A_SET {
        let why = format!(
            "idle clients {} → {}: an fd_set has 1,024 bits",
            number(wanted as u64),
            number(ROOM_IN_A_SET as u64)
        );
        return (ROOM_IN_A_SET, Some(why));
    }
    let room = Room::for_connections("idle clients", wanted);
    let why = room.is_reduced().then(|| room.to_string());
    (room.given, why)
}

/// Clients that were answered once each, and are silent from then on.
pub(super) fn crowd(server: &Server, number: usize) -> Vec<Client> {
    let arrive = |_| {
        let client = server.connect();
        client.echo(b"in");
        client
    };
    let clients = (0..number).map(arrive).collect();
    until_at_rest(server.process());
    clients
}

/// A client that was answered once.
pub(super) fn arrive(server: &Server) -> Client {
    let client = server.connect();
    echo(server, &client, b"in");
    client
}

/// A client connects to a server that is under trace, and says nothing. That it was let in shows in the
/// trace alone.
pub(super) fn connect(server: &Server, tracer: &Tracer) -> anyhow::Result<Client> {
    tracer.clear();
    let client = server.connect();
    // On io_uring the wait itself is what lets it in.
    let accepts =
        |call: &Call| call.name().starts_with("accept") || call.name() == "io_uring_enter";
    let accepted = |call: &Call| accepts(call) && call.result >= 0;
    let seen = tracer.wait_until(|calls| calls.iter().any(accepted));
    seen.context("the server does not let a client in")?;
    until_at_rest(server.process());
    Ok(client)
}

/// A client sends `bytes`, and has them back.
pub(super) fn echo(server: &Server, client: &Client, bytes: &[u8]) {
    client.echo(bytes);
    until_at_rest(server.process());
}

/// A client leaves, by EOF.
pub(super) fn leave(server: &Server, client: Client) {
    client.half_close();
    client.expect_eof();
    until_at_rest(server.process());
}
