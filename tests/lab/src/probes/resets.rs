//! Probes of a client that does something on its own connection.

use suite::{Client, Server, Subject};

use super::{Found, found, is_well, soon};
use crate::world::attempt;

pub(crate) fn reset(subject: &Subject) -> Found {
    let server = subject.start();
    let baseline = server.process().descriptor_count();
    let victim = server.connect();
    victim.echo(b"hello");
    let other = server.connect();
    victim.reset();
    who_is_gone(&server, baseline, &other)
}

pub(crate) fn killed(subject: &Subject) -> Found {
    let server = subject.start();
    let baseline = server.process().descriptor_count();
    let victim = server.connect().with_small_buffers();
    server.push(&victim);
    let other = server.connect();
    // A killed process has its sockets closed: with bytes unread, that is a reset.
    drop(victim);
    who_is_gone(&server, baseline, &other)
}

/// Returns what happened to a server with `baseline` descriptors when one of two clients reset its connection.
fn who_is_gone(server: &Server, baseline: usize, other: &Client) -> Found {
    let others_are_gone = || found("all: the other clients are gone, too");
    // A server that takes one client at a time gets to this one now.
    if !is_well(other) {
        return others_are_gone();
    }
    let descriptors = || server.process().descriptor_count();
    if !soon(server, || descriptors() <= baseline + 1) {
        return found("leaks: its descriptor is not given back");
    }
    // It may have answered before the reset reached it.
    match is_well(other) && server.is_alive() {
        true => found("one: that client is gone, and nobody else"),
        false => others_are_gone(),
    }
}

pub(crate) fn half_close(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    let sent = server.push(&client);
    client.half_close();
    let whole = attempt(|| {
        client.expect_pattern(0, sent);
        client.expect_eof();
    });
    match whole {
        Ok(()) => found(format!("whole: all {sent} bytes come back, then EOF")),
        Err(error) => found(format!("cut: bytes are lost: {error}")),
    }
}

pub(crate) fn urgent(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"calm");
    client.send_urgent(b'!');
    if attempt(|| client.echo(b"calm again")).is_err() {
        return found("mixed: the urgent byte is taken for a part of the stream");
    }
    match attempt(|| server.expect_rest(&client)) {
        Ok(()) => found("served: the urgent byte is no part of the stream, and the server sleeps"),
        Err(error) => found(format!("spins: the server does not sleep: {error}")),
    }
}
