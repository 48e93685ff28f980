//! The names of a connection: its four values for the kernel, its descriptor for a program.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::sockopt::ReuseAddr;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket,
};
use suite::{Client, Server, deadline, eventually, fresh_address, leave, net};

use crate::world::outcome;
use crate::{Evidence, Lab};

/// C29: each accepted client takes a descriptor of the server, and no port.
pub(super) fn one_port_for_all(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let many = evidence.room("clients", 1_000);
    let server = lab.start(6)?;
    let before = server.process().descriptor_count();
    let clients: Vec<Client> = (0..many).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.echo(b"in"));
    let ends = ends_at(server.address().ip(), many);
    let more = server.process().descriptor_count() - before;
    evidence.count("clients that stage 6 has accepted", ends.len(), many);
    evidence.count("descriptors that it has for them", more, many);
    let theirs: BTreeSet<_> = ends.iter().map(|(_, remote)| remote.port()).collect();
    evidence.count("ports at the clients' ends", theirs.len(), many);
    let its_own: BTreeSet<_> = ends.iter().map(|(local, _)| local.port()).collect();
    evidence.count("ports at the server's end", its_own.len(), 1);
    leave(clients);
    Ok(())
}

/// Returns both ends of the connections whose own address is `ip`, with any port. The table may skip one while others
/// come and go, so it is read until there are enough.
fn ends_at(ip: IpAddr, enough: usize) -> BTreeSet<(SocketAddr, SocketAddr)> {
    let mut ends = BTreeSet::new();
    eventually("all connections to be in the kernel's table", || {
        let mut rows = net::table();
        rows.retain(|row| row.state == net::State::Established && row.local.ip() == ip);
        ends.extend(rows.into_iter().map(|row| (row.local, row.remote)));
        ends.len() >= enough
    });
    ends
}

/// C28: one source port serves many connections, as long as one of the four values differs; and two processes use the
/// same descriptor number for different connections.
pub(super) fn four_values(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (server, other) = (lab.start(6)?, lab.start(6)?);
    let first = connect_from(SocketAddr::new(fresh_address().ip(), 0), &server)?;
    let source = first.local_addr()?;
    let mut connections = vec![first];
    for _ in 0..2 {
        let source = SocketAddr::new(fresh_address().ip(), source.port());
        connections.push(connect_from(source, &server)?);
    }
    connections.iter().try_for_each(echo)?;
    let what = "one source port, 3 addresses: served";
    evidence.count(what, connections.len(), 3);
    let descriptors = connection_descriptors(&server);
    let what = "descriptors that the server has for them";
    evidence.count(what, descriptors.len(), 3);
    let again = outcome(&connect_from(source, &server), "connected");
    let what = "the same four values a second time";
    evidence.outcome(what, again, "EADDRNOTAVAIL");
    let elsewhere = connect_from(source, &other);
    let what = "the same source, to another server";
    evidence.outcome(what, outcome(&elsewhere, "connected"), "connected");
    elsewhere.iter().try_for_each(echo)?;
    let mut shared = connection_descriptors(&other);
    shared.retain(|number| descriptors.contains(number));
    let what = "descriptor numbers that both servers use";
    evidence.count(what, shared.len(), 1);
    Ok(())
}

/// Connects from a given address; the kernel chooses the port if it is 0.
fn connect_from(source: SocketAddr, server: &Server) -> io::Result<TcpStream> {
    let (source, target) = (ipv4(source)?, ipv4(server.address())?);
    let flags = SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Stream, flags, None)?;
    // Without it, bind(2) refuses a port that another socket uses, because the second address is not known yet.
    setsockopt(&socket, ReuseAddr, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(source))?;
    connect(socket.as_raw_fd(), &SockaddrIn::from(target))?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(deadline()))?;
    Ok(stream)
}

/// Returns an address as IPv4, the only kind that the suite hands out.
pub(super) fn ipv4(address: SocketAddr) -> io::Result<SocketAddrV4> {
    match address {
        SocketAddr::V4(address) => Ok(address),
        SocketAddr::V6(_) => Err(Errno::EAFNOSUPPORT.into()),
    }
}

/// Sends a byte there and back, which proves that the server has accepted the connection.
fn echo(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(b"?")?;
    stream.read_exact(&mut [0])
}

/// Returns the descriptors of a server's connections: all its sockets but the listener.
fn connection_descriptors(server: &Server) -> Vec<i32> {
    let mut sockets = server.process().sockets();
    sockets.sort_unstable();
    // The listener was opened first.
    sockets.split_off(1)
}
