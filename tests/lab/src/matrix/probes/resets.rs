//! Probes of a client that does something on its own connection.

use suite::{Client, Server, Subject};

use super::{Found, is_well, soon};
use crate::show::Tone;
use crate::world::attempt;

pub(in crate::matrix) fn reset(subject: &Subject) -> Found {
    let server = subject.start();
    let baseline = server.process().descriptor_count();
    let victim = server.connect();
    victim.echo(b"hello");
    let other = server.connect();
    victim.reset();
    who_is_gone(&server, baseline, &other)
}

pub(in crate::matrix) fn killed(subject: &Subject) -> Found {
    let server = subject.start();
    let baseline = server.process().descriptor_count();
    let victim = server.connect().with_small_buffers();
    server.push(&victim);
    let other = server.connect();
    // A killed process has its sockets closed: with bytes unread, that is a reset.
    drop(victim);
    who_is_gone(&server, baseline, &other)
}

/// Returns what has become of a server that had so many descriptors before two clients came, of whom one has reset
/// its connection.
fn who_is_gone(server: &Server, baseline: usize, other: &Client) -> Found {
    let all = Found::new("all", Tone::Bad, "the others are gone with that client");
    // Where clients are served one after the other, this one's turn has come now.
    if !is_well(other) {
        return all;
    }
    if !soon(server, || {
        server.process().descriptor_count() <= baseline + 1
    }) {
        return Found::new("leaks", Tone::Bad, "its descriptor is not given back");
    }
    // It may have answered before it met the reset.
    match is_well(other) && server.is_alive() {
        true => Found::new("one", Tone::Good, "that client is gone, and nobody else"),
        false => all,
    }
}

pub(in crate::matrix) fn half_close(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    let sent = server.push(&client);
    client.half_close();
    let whole = attempt(|| {
        client.expect_pattern(0, sent);
        client.expect_eof();
    });
    match whole {
        Ok(()) => Found::new(
            "whole",
            Tone::Good,
            format!("all {sent} bytes come back, then EOF"),
        ),
        Err(error) => Found::new("cut", Tone::Bad, format!("bytes are lost: {error}")),
    }
}

pub(in crate::matrix) fn urgent(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"calm");
    client.send_urgent(b'!');
    if attempt(|| client.echo(b"calm again")).is_err() {
        return Found::new(
            "mixed",
            Tone::Bad,
            "the urgent byte is taken for a part of the stream",
        );
    }
    match attempt(|| server.expect_rest(&client)) {
        Ok(()) => super::served("the urgent byte is no part of the stream, and the server sleeps"),
        Err(error) => Found::new(
            "spins",
            Tone::Bad,
            format!("the server does not sleep: {error}"),
        ),
    }
}
