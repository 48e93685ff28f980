//! Probes of rare events that public bug reports describe.

use suite::cases::share_of_processor;
use suite::net::Socket;
use suite::{Client, Server, Subject, lower_descriptor_limit, seen};

use super::{Fate, Found, fate, found, is_well, start_under};
use crate::show::Tone;

/// The share of a CPU core above which an idle server counts as spinning.
const SPIN: f64 = 0.1;

pub(crate) fn small_writes(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    let socket = seen(Socket::of(server.process(), client.address()));
    match socket.sends_at_once() {
        true => found("sent: TCP_NODELAY is set: a small write leaves at once"),
        false => found(
            "held: a small write is held back until the one before it is acknowledged, up to 40 ms later",
        ),
    }
}

pub(crate) fn accept_fails(subject: &Subject) -> Found {
    // One counts as a shortage, as a firewall causes it; the other is about a single client.
    let found = [(libc::EPERM, "EPERM"), (libc::EPROTO, "EPROTO")].map(|(error, name)| {
        let server = start_under(subject, |faults| faults.accept_fails = Some(error));
        let waiting = server.connect();
        let when = format!("accept(2) fails with {name} each time");
        rests(&server, &waiting, &when)
    });
    let [shortage, single] = found;
    match shortage.tone {
        Tone::Bad => shortage,
        _ => single,
    }
}

pub(crate) fn limit_lowered(subject: &Subject) -> Found {
    let server = subject.start();
    let clients: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    let is_inside = |client: &&Client| fate(&server, client) == Fate::Served;
    let inside: Vec<&Client> = clients.iter().take_while(is_inside).collect();
    lower_descriptor_limit(server.process(), 10);
    match inside.iter().all(|client| (0..3).all(|_| is_well(client))) {
        true => found("served: the clients inside are served as before"),
        false if server.is_alive() => found("cut: clients that were inside are lost"),
        false => found("dies: the server ends, with all its clients"),
    }
}

pub(crate) fn duplicated(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    // Now the lab has the server's connection open as well, like a child that inherited it.
    let _copy = seen(Socket::of(server.process(), client.address()));
    drop(client);
    let other = server.connect();
    other.echo(b"have you dealt with the first client's end?");
    let when = "a connection that it has closed is open elsewhere";
    rests(&server, &other, when)
}

/// Returns whether an idle server sleeps.
fn rests(server: &Server, silent: &Client, when: &str) -> Found {
    let share = share_of_processor(server, || silent.expect_silence());
    let word = if share < SPIN { "rests" } else { "spins" };
    let percent = (share * 100.0).round();
    found(format!(
        "{word}: while {when}, it uses {percent} % of a CPU core"
    ))
}
