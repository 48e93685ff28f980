//! TCP connections as the kernel lists them, in /proc/net/tcp (proc_pid_net(5)); IPv4 only.

use std::fs;
use std::net::{IpAddr, SocketAddr};

/// One end of a connection on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    /// [`TIME_WAIT`], [`LISTEN`] or another (include/net/tcp_states.h).
    pub state: u8,
    /// Bytes that were sent and are not acknowledged yet.
    pub unsent: usize,
    /// Bytes that have arrived and were not read yet.
    pub unread: usize,
}

/// The state of an end that closed first, and waits for stray segments.
pub const TIME_WAIT: u8 = 0x06;

/// The state of a listener.
pub const LISTEN: u8 = 0x0A;

/// The sockets whose own address is `local`.
pub fn sockets_at(local: SocketAddr) -> Vec<Socket> {
    rows(|own, _| own == hex(local))
}

/// The socket at `local` that is connected to `remote`.
pub fn connection(local: SocketAddr, remote: SocketAddr) -> Option<Socket> {
    let found = rows(|own, other| own == hex(local) && other == hex(remote));
    found.first().copied()
}

/// Whether the kernel has no room for another connection in TIME_WAIT: it ends them at once then.
pub fn time_wait_is_full() -> bool {
    let table = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let limit = fs::read_to_string("/proc/sys/net/ipv4/tcp_max_tw_buckets").unwrap_or_default();
    let mut words = table.split_whitespace().skip_while(|word| *word != "tw");
    let used: Option<u64> = words.nth(1).and_then(|word| word.parse().ok());
    used >= limit.trim().parse().ok()
}

fn rows(wanted: impl Fn(&str, &str) -> bool) -> Vec<Socket> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table
        .lines()
        .filter_map(|line| parse(line, &wanted))
        .collect()
}

fn parse(line: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<Socket> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, remote) = (fields.next()?, fields.next()?);
    if !wanted(local, remote) {
        return None;
    }
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let (unsent, unread) = fields.next()?.split_once(':')?;
    Some(Socket {
        state,
        unsent: usize::from_str_radix(unsent, 16).ok()?,
        unread: usize::from_str_radix(unread, 16).ok()?,
    })
}

/// An address as it stands in the table: `0100007F:1B5E` is 127.0.0.1:7006.
fn hex(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => {
            let ip = u32::from_ne_bytes(ip.octets());
            format!("{ip:08X}:{:04X}", address.port())
        }
        IpAddr::V6(_) => panic!("{address} is not in /proc/net/tcp"),
    }
}
