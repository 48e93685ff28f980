//! The header of a packet, read by a raw socket (raw(7)): it is given a copy of every packet that comes to
//! its address, from the IP header on.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream, UdpSocket};
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use nix::sys::socket::SockProtocol::Udp;
use nix::sys::socket::sockopt::ReceiveTimeout;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, bind, recv, setsockopt,
    socket,
};
use nix::sys::time::TimeVal;
use suite::deadline;

use super::names::ipv4;

/// The ports in a packet, and the bytes before them.
#[derive(Debug)]
pub(super) struct Ports {
    /// Bytes of the IP header, which comes first.
    pub(super) ip_header: usize,
    /// The four bytes behind it, in hex: where a client's port and the server's have two each (RFC
    /// 9293, section 3.1; RFC 768).
    pub(super) bytes: String,
    /// The two ports as the programs know them, in hex.
    pub(super) known: String,
}

/// Returns the ports in the first packet of a client to `server`, which nobody else may send to; `None` if this
/// user may not look at packets (CAP_NET_RAW).
pub(super) fn ports_to(
    server: SocketAddr,
    protocol: SockProtocol,
) -> anyhow::Result<Option<Ports>> {
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
    ensure!(packet.len() >= ip_header + 4, "a packet without ports");
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| packet[ip_header + at]);
    Ok(Some(Ports {
        ip_header,
        bytes: format!("{a:02X}{b:02X} {c:02X}{d:02X}"),
        known: format!("{:04X} {:04X}", client.port(), server.port()),
    }))
}

/// Opens a raw socket that is given the packets of a protocol that come to `ip`.
fn eyes_on(ip: Ipv4Addr, protocol: SockProtocol) -> nix::Result<OwnedFd> {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    let eyes = socket(family, SockType::Raw, flags, protocol)?;
    let own = SockaddrIn::from(SocketAddrV4::new(ip, 0));
    bind(eyes.as_raw_fd(), &own)?;
    // Until then it was given the packets of everybody: they may have left no room for ours.
    while recv(eyes.as_raw_fd(), &mut [0], MsgFlags::MSG_DONTWAIT).is_ok() {}
    let deadline = TimeVal::new(deadline().as_secs().cast_signed(), 0);
    setsockopt(&eyes, ReceiveTimeout, &deadline)?;
    Ok(eyes)
}

/// Has a client send its first packet, and returns the client's address.
fn knock(server: SocketAddr, protocol: SockProtocol) -> anyhow::Result<SocketAddr> {
    if protocol != Udp {
        return Ok(TcpStream::connect(server)?.local_addr()?);
    }
    let client = UdpSocket::bind(("127.0.0.1", 0))?;
    if client.send_to(b"knock", server)? != 5 {
        bail!("a datagram was cut short");
    }
    Ok(client.local_addr()?)
}

/// Returns the next packet to `ip`. One to another address may have been on its way when the socket was bound.
fn first_packet_to(ip: Ipv4Addr, eyes: &OwnedFd) -> anyhow::Result<Vec<u8>> {
    // RFC 791, section 3.1
    const DESTINATION: Range<usize> = 16..20;
    loop {
        let mut packet = vec![0; 128];
        let length = recv(eyes.as_raw_fd(), &mut packet, MsgFlags::empty());
        packet.truncate(length.context("no packet has come to the raw socket")?);
        if packet.get(DESTINATION) == Some(&ip.octets()) {
            return Ok(packet);
        }
    }
}
