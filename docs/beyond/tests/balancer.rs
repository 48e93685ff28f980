//! What comes after one machine: haproxy in front of two of the course's servers, of which one is killed.

#[path = "programs/mod.rs"]
mod programs;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use suite::profile::ANY;
use suite::{Client, Faults, Server, Subject, eventually};

/// Returns haproxy in front of two servers.
fn balancer(servers: [SocketAddr; 2]) -> Subject {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/balancer.sh");
    let [first, second] = servers.map(|address| address.to_string());
    let words = ["sh", script, "{addr}", &first, &second];
    Subject {
        command: words.into_iter().map(Into::into).collect(),
        announces: false,
        profile: ANY,
    }
}

/// Whether haproxy is there. Says so if it is not.
fn is_installed() -> bool {
    let mut haproxy = Command::new("haproxy");
    let ran = haproxy.arg("-v").stdout(Stdio::null()).status();
    if let Err(error) = &ran {
        eprintln!("skipped: haproxy is not installed: {error}");
    }
    ran.is_ok()
}

/// Returns how many clients a server has, besides its listener: those of a health check come and go.
fn clients(server: &Server) -> usize {
    server.process().sockets().len().saturating_sub(1)
}

fn served(balancer: &Server, number: usize) -> Vec<Client> {
    let clients: Vec<Client> = (0..number).map(|_| balancer.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    clients
}

/// Half of the clients are on either server. One is killed: its clients are let go, and no one else notices. Those that
/// come then are all served, also before the balancer has found out, since one that is refused is sent to the other
/// server. When the first is back, it gets its share again.
#[test]
#[ignore = "needs haproxy"]
fn one_of_two_servers_is_killed_amid_traffic() {
    if !is_installed() {
        return;
    }
    let timers = programs::program("timers", env!("CARGO_BIN_EXE_timers"), &[]);
    let [mut first, second] = [timers.start(), timers.start()];
    let balancer = balancer([first.address(), second.address()]).start();
    let here = served(&balancer, 20);
    eventually("each server to have half of the clients", || {
        clients(&first) == 10 && clients(&second) == 10
    });

    // Half of the clients have sent something that nobody will have echoed.
    let address = first.address();
    first.stop();
    here.iter().for_each(|client| client.send(b"on its way"));
    first.kill();
    let (undisturbed, lost): (Vec<&Client>, _) = here.iter().partition(|client| client.has_bytes());
    assert_eq!(
        (undisturbed.len(), lost.len()),
        (10, 10),
        "served, and let go"
    );
    for client in undisturbed {
        client.expect(b"on its way");
        client.echo(b"undisturbed");
    }
    lost.into_iter().for_each(Client::expect_turned_away);

    let new = served(&balancer, 20);
    eventually("the second server to have all clients", || {
        clients(&second) == 10 + 20
    });
    let first = Server::start(&timers, address, &Faults::default());
    let mut more = Vec::new();
    eventually("the first server to get clients again", || {
        more.extend(served(&balancer, 1));
        clients(&first) > 5
    });
    new.iter().for_each(|client| client.echo(b"still here"));
}

/// A server behind a balancer does not see who its client is: the connection comes from the balancer.
#[test]
#[ignore = "needs haproxy"]
fn a_server_sees_the_balancer_s_address() {
    if !is_installed() {
        return;
    }
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let server = server.and_then(|server| Ok((server.local_addr()?, server)));
    let (address, server) = server.unwrap_or_else(|error| panic!("cannot listen: {error}"));
    let balancer = balancer([address, address]).start();
    let client = balancer.connect();
    client.send(b"who am I?");
    loop {
        let (stream, from) = server.accept().unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = [0; 9];
        // A health check says nothing, and leaves.
        if stream.peek(&mut bytes).is_ok_and(|length| length > 0) {
            assert_ne!(from, client.address());
            return;
        }
    }
}
