//! What servers and clients need of the network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use suite::{room_for_stalled, system};

use super::Finding;
use super::State::{Fine, Limited};
use super::findings::{UNSEEN, limited_unless, missing_unless};
use crate::world::Machine;

/// The clients of the suite's case E6 that do not read, and the bytes that the buffers of one hold, with the limits that
/// Linux begins with (tcp(7), tcp_mem).
const STALLED: (usize, usize) = (64, 5 << 20);

/// Returns how many ports connect(2) chooses from (ip(7), ip_local_port_range).
pub(super) fn ports() -> Option<u64> {
    system::ports_for_clients().map(|(first, last)| (last + 1).saturating_sub(first))
}

pub(super) fn loopback() -> Finding {
    let is_fine = (1..=3).all(|host| reaches(Ipv4Addr::new(127, 0, 0, host).into()));
    let not_all = if is_fine { "" } else { "not all of " };
    Finding::new(format!("{not_all}127.0.0.0/8"), missing_unless(is_fine))
}

pub(super) fn ipv6() -> Finding {
    let is_fine = reaches(Ipv6Addr::LOCALHOST.into());
    let no = if is_fine { "" } else { "no " };
    Finding::new(format!("{no}::1"), limited_unless(is_fine))
}

/// Tries an address: while its interface is down it can be listened on, but not be reached.
fn reaches(ip: IpAddr) -> bool {
    let listener = TcpListener::bind((ip, 0));
    let address = listener.as_ref().map(TcpListener::local_addr);
    matches!(address, Ok(Ok(address)) if TcpStream::connect(address).is_ok())
}

pub(super) fn tcp_memory() -> Finding {
    let (wanted, bytes) = STALLED;
    let room = room_for_stalled(wanted, bytes);
    let words = format!("room for {room} stalled clients");
    Finding::new(words, limited_unless(room == wanted))
}

pub(super) fn congestion_control(machine: &Machine) -> Finding {
    let name = machine.congestion_control.as_deref().unwrap_or(UNSEEN);
    Finding::new(
        name,
        limited_unless(matches!(name, "bbr" | "cubic" | "reno")),
    )
}

/// Tries a raw socket: lesson 00 reads a packet's header (raw(7)).
pub(super) fn raw_sockets() -> Finding {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    match socket(family, SockType::Raw, flags, SockProtocol::Tcp) {
        Ok(_) => Finding::new("allowed", Fine),
        Err(error) => Finding::new(format!("no CAP_NET_RAW: {}", error.desc()), Limited),
    }
}
