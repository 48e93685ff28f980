//! The numbers that a port can have, in the kernel's table and in the header of a packet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sys::socket::SockProtocol::{self, Tcp, Udp};
use nix::sys::socket::sockopt::ReceiveTimeout;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrIn, bind, recv, setsockopt, socket,
};
use nix::sys::time::TimeVal;
use suite::{deadline, fresh_address, net, number, system};

use super::names::ipv4;
use crate::world::outcome;
use crate::{Evidence, Lab};

/// A port whose highest bit is set: 9C40 in hex.
const HIGH: u16 = 40_000;
/// The last one.
const LAST: u16 = u16::MAX;

/// The lesson's step: everything below.
pub(super) fn numbers(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    sixteen_bits(lab, evidence)?;
    not_signed(lab, evidence)?;
    first_and_last(lab, evidence)?;
    in_the_transport_header(lab, evidence)
}

/// C24: the width of a port, in the kernel's tables and in packets.
pub(super) fn sixteen_bits(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let listener = TcpListener::bind((fresh_address().ip(), HIGH))?;
    let address = listener.local_addr()?;
    let row = net::listener(address).context("the listener is not in /proc/net/tcp")?;
    let port = row.local_text.rsplit(':').next().unwrap_or_default();
    evidence.outcome("port 40,000 in /proc/net/tcp", port, "9C40");
    let bits = port.len() * 4;
    evidence.count("bits that it has there, 4 a hex digit", bits, 16);
    let _udp = UdpSocket::bind(address)?;
    for (name, protocol) in [("TCP", Tcp), ("UDP", Udp)] {
        match ports_to(address, protocol)? {
            Some(ports) => {
                let what = format!("first 4 bytes of a {name} header: two ports");
                evidence.outcome(what, &ports.bytes, &ports.known);
            }
            None => evidence.aside(format!("{name} header"), "needs CAP_NET_RAW"),
        }
    }
    Ok(())
}

/// C25: the last number is a port, 0 is not, and every protocol and address has all the numbers.
pub(super) fn first_and_last(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (ip, other) = (fresh_address().ip(), fresh_address().ip());
    let tcp = TcpListener::bind((ip, LAST));
    let again = TcpListener::bind((ip, LAST));
    let elsewhere = TcpListener::bind((other, LAST));
    for (what, listener, expected) in [
        ("bind to TCP port 65,535", &tcp, "bound"),
        ("the same once more", &again, "EADDRINUSE"),
        ("the same at another address", &elsewhere, "bound"),
    ] {
        evidence.outcome(what, outcome(listener, "bound"), expected);
    }
    let udp = outcome(&UdpSocket::bind((ip, LAST)), "bound");
    evidence.outcome("UDP port 65,535 next to them", udp, "bound");
    let given = TcpListener::bind((ip, 0))?.local_addr()?.port();
    // The range from which the kernel picks when a program asks for no particular port (ip(7), ip_local_port_range).
    let range = system::ports_for_clients().context("cannot observe the range of ports")?;
    let what = "bind to port 0: the kernel gives a free one";
    evidence.count(what, given, range.0..=range.1);
    Ok(())
}

/// C26: a port whose highest bit is set is like any other.
pub(super) fn not_signed(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let ip = fresh_address().ip();
    evidence.aside("40,000, if its highest bit were a sign", HIGH.cast_signed());
    for port in [HIGH, LAST] {
        let reached = outcome(&serve_one(ip, port), "accepted");
        let what = format!("a client at port {}", number(port));
        evidence.outcome(what, reached, "accepted");
    }
    Ok(())
}

/// C27: the ports come after the IP header, which does not contain them: two protocols use the same number at one
/// address.
pub(super) fn in_the_transport_header(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let tcp = TcpListener::bind((fresh_address().ip(), 0))?;
    let address = tcp.local_addr()?;
    let udp = UdpSocket::bind(address);
    let what = "a UDP socket at a TCP listener's port";
    evidence.outcome(what, outcome(&udp, "bound"), "bound");
    match ports_to(address, Udp)? {
        Some(ports) => {
            evidence.count("bytes of a packet's IP header", ports.ip_header, 20);
            let what = "the 4 bytes behind it: two ports";
            evidence.outcome(what, &ports.bytes, &ports.known);
        }
        None => evidence.aside("the packet itself", "needs CAP_NET_RAW"),
    }
    Ok(())
}

/// Has a client connect to a port, and accepts it there.
fn serve_one(ip: IpAddr, port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((ip, port))?;
    let _client = TcpStream::connect((ip, port))?;
    listener.accept().map(drop)
}

/// The ports in a packet, and the size of what precedes them.
#[derive(Debug)]
struct Ports {
    /// Bytes of the IP header.
    ip_header: usize,
    /// The four bytes after it, in hex: two for the client's port, two for the server's (RFC 9293, section 3.1; RFC
    /// 768).
    bytes: String,
    /// The two ports as the programs know them, in hex.
    known: String,
}

/// Returns the ports in the first packet of a client to `server`, or `None` if this user may not look at packets
/// (CAP_NET_RAW). Nobody else may send to `server` meanwhile.
fn ports_to(server: SocketAddr, protocol: SockProtocol) -> anyhow::Result<Option<Ports>> {
    let ip = *ipv4(server)?.ip();
    let eyes = match eyes_on(ip, protocol) {
        Err(Errno::EPERM | Errno::EACCES) => return Ok(None),
        eyes => eyes.context("cannot open a raw socket")?,
    };
    let client = knock(server, protocol)?;
    let packet = first_packet_to(ip, &eyes)?;
    let first = packet.first().context("an empty packet")?;
    // Its low four bits count words of four bytes (RFC 791, section 3.1).
    let ip_header = usize::from(first & 0xf) * 4;
    ensure!(
        packet.len() >= ip_header + 4,
        "the packet is too short for ports"
    );
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| packet[ip_header + at]);
    Ok(Some(Ports {
        ip_header,
        bytes: format!("{a:02X}{b:02X} {c:02X}{d:02X}"),
        known: format!("{:04X} {:04X}", client.port(), server.port()),
    }))
}

/// Opens a raw socket that receives a protocol's packets to `ip`.
fn eyes_on(ip: Ipv4Addr, protocol: SockProtocol) -> nix::Result<OwnedFd> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    let eyes = socket(family, SockType::Raw, flags, protocol)?;
    let own = SockaddrIn::from(SocketAddrV4::new(ip, 0));
    bind(eyes.as_raw_fd(), &own)?;
    // Until then it received packets to any address, which may have left no room for ours.
    while recv(eyes.as_raw_fd(), &mut [0], MsgFlags::MSG_DONTWAIT).is_ok() {}
    let deadline = TimeVal::new(deadline().as_secs().cast_signed(), 0);
    setsockopt(&eyes, ReceiveTimeout, &deadline)?;
    Ok(eyes)
}

/// Has a client send its first packet, and returns the client's address.
fn knock(server: SocketAddr, protocol: SockProtocol) -> io::Result<SocketAddr> {
    if protocol != Udp {
        return TcpStream::connect(server)?.local_addr();
    }
    let client = UdpSocket::bind(("127.0.0.1", 0))?;
    client.send_to(b"knock", server)?;
    client.local_addr()
}

/// Returns the next packet to `ip`. Another address's packet may have been under way when the socket was bound.
fn first_packet_to(ip: Ipv4Addr, eyes: &OwnedFd) -> anyhow::Result<Vec<u8>> {
    // RFC 791, section 3.1
    const DESTINATION: Range<usize> = 16..20;
    loop {
        let mut packet = vec![0; 128];
        let length = recv(eyes.as_raw_fd(), &mut packet, MsgFlags::empty());
        packet.truncate(length.context("no packet reached the raw socket")?);
        if packet.get(DESTINATION) == Some(&ip.octets()) {
            return Ok(packet);
        }
    }
}
