//! The kernel's table of TCP sockets, /proc/net/tcp (proc_pid_net(5)).

use std::fs;
use std::net::SocketAddr;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The socket's own address, as it stands there: `0100007F:1B5E`.
    pub local: String,
    /// The other end's.
    pub remote: String,
    /// Its state: 1 for established, 10 for listening (include/net/tcp_states.h).
    pub state: u8,
    /// Bytes that have arrived and were not read; of a listener, connections that were not accepted.
    pub unread: u64,
}

/// All rows of IPv4.
pub fn table() -> Vec<Row> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().skip(1).filter_map(parse).collect()
}

/// The listening socket at `address`.
pub fn listener(address: SocketAddr) -> Option<Row> {
    const LISTEN: u8 = 10;
    let own = hex(address)?;
    let mut rows = table().into_iter();
    rows.find(|row| row.state == LISTEN && row.local == own)
}

fn parse(line: &str) -> Option<Row> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, remote) = (fields.next()?, fields.next()?);
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let (_sending, unread) = fields.next()?.split_once(':')?;
    Some(Row {
        local: local.to_owned(),
        remote: remote.to_owned(),
        state,
        unread: u64::from_str_radix(unread, 16).ok()?,
    })
}

/// An address as it stands in the table; on a little-endian machine the IP's bytes are reversed.
pub fn hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}
