//! What a server seldom meets, and public bug reports tell of.

use suite::cases::share_of_processor;
use suite::net::Socket;
use suite::{Client, Faults, Server, Subject, lower_descriptor_limit};

use super::{Fate, Found, fate, is_well, served};
use crate::show::Tone;

/// The share of a CPU core from which on a server that has nothing to do counts as spinning.
const SPIN: f64 = 0.1;

pub(in crate::matrix) fn small_writes(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    let socket = Socket::of(server.process(), client.address());
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the server's socket"));
    match socket.sends_at_once() {
        true => Found::new(
            "sent",
            Tone::Good,
            "TCP_NODELAY is set: a small write leaves at once",
        ),
        false => Found::new(
            "held",
            Tone::Bad,
            "a small write is held back until the one before it is acknowledged, up to 40 ms later",
        ),
    }
}

pub(in crate::matrix) fn accept_fails(subject: &Subject) -> Found {
    // One that counts as a shortage, as a firewall makes it, and one about a single client.
    let found = [(libc::EPERM, "EPERM"), (libc::EPROTO, "EPROTO")].map(|(error, name)| {
        let faults = Faults {
            accept_fails: Some(error),
            ..Faults::default()
        };
        let server = subject.start_with(&faults);
        let waiting = server.connect();
        rests(
            &server,
            &waiting,
            &format!("accept(2) fails with {name} each time"),
        )
    });
    let [shortage, single] = found;
    if shortage.tone == Tone::Bad {
        shortage
    } else {
        single
    }
}

pub(in crate::matrix) fn limit_lowered(subject: &Subject) -> Found {
    let server = subject.start();
    let clients: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    let is_inside = |client: &&Client| fate(&server, client) == Fate::Served;
    let inside: Vec<&Client> = clients.iter().take_while(is_inside).collect();
    lower_descriptor_limit(server.process(), 10);
    match inside.iter().all(|client| (0..3).all(|_| is_well(client))) {
        true => served("the clients inside are served as before"),
        false if server.is_alive() => {
            Found::new("cut", Tone::Bad, "clients that were inside are lost")
        }
        false => Found::new("dies", Tone::Bad, "the server ends, with all its clients"),
    }
}

pub(in crate::matrix) fn duplicated(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    // The lab now has the server's connection open as well, as a child would that inherited it.
    let copy = Socket::of(server.process(), client.address());
    let copy = copy.unwrap_or_else(|| panic!("cannot observe the server's socket"));
    drop(client);
    let other = server.connect();
    other.echo(b"the server has dealt with the first client's end");
    let found = rests(
        &server,
        &other,
        "a connection that it has closed is open elsewhere",
    );
    drop(copy);
    found
}

/// Returns whether a server that has nothing to do sleeps.
fn rests(server: &Server, silent: &Client, when: &str) -> Found {
    let share = share_of_processor(server, || silent.expect_silence());
    let percent = (share * 100.0).round();
    match share < SPIN {
        true => Found::new(
            "rests",
            Tone::Good,
            format!("while {when}, it uses {percent} % of a CPU core"),
        ),
        false => Found::new(
            "spins",
            Tone::Bad,
            format!("while {when}, it uses {percent} % of a CPU core"),
        ),
    }
}
