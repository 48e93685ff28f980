//! The kernel's table of TCP sockets, /proc/net/tcp (proc_pid_net(5)).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::mapping::from_hex;
use crate::system;

/// A row of the kernel's table of TCP sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The socket's own address.
    pub local: SocketAddr,
    /// The same as it stands there: `0100007F:1B5E`.
    pub local_text: String,
    /// The other end's address.
    pub remote: SocketAddr,
    /// Its state.
    pub state: State,
    /// Bytes that have arrived and were not read; of a listener, connections that were not accepted.
    pub unread: u64,
    /// Its inode, by which descriptors name it; 0 if it belongs to no process any more.
    pub inode: u64,
}

/// The states of a socket that matter here (include/net/tcp_states.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is connected.
    Established,
    /// It is remembered after its end.
    TimeWait,
    /// It listens.
    Listen,
    /// It is in another state.
    Other(u8),
}

/// Returns all rows, those of IPv4 first.
///
/// # Panics
///
/// If the table cannot be read. (The table of IPv6 is missing where there is no IPv6.)
pub fn table() -> Vec<Row> {
    TABLES.into_iter().flat_map(rows).collect()
}

/// The table of IPv4, and that of IPv6.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Returns the listening sockets. They come first in each table (Documentation/networking/proc_net_tcp.rst), and the
/// others, of which there may be many thousands, are not even asked for.
pub fn listeners() -> impl Iterator<Item = Row> {
    let of = |table| rows(table).take_while(|row| row.state == State::Listen);
    TABLES.into_iter().flat_map(of)
}

/// Returns the rows of one table, each read when it is asked for.
fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    lines(table).map(move |line| row(table, &line))
}

/// Returns the rows of both tables that name the port of `local`. Where thirty users try ten thousand clients each, there are
/// half a million of others, and none of them is looked at more closely.
fn rows_at(local: SocketAddr) -> impl Iterator<Item = Row> {
    let port = format!(":{:04X} ", local.port());
    let named = move |table| {
        let port = port.clone();
        let lines = lines(table).filter(move |line| line.contains(&port));
        lines.map(move |line| row(table, &line))
    };
    let all = TABLES.into_iter().flat_map(named);
    all.filter(move |row| row.local == local)
}

fn lines(table: &'static str) -> impl Iterator<Item = String> {
    let file = match File::open(table) {
        Err(_) if table == TABLES[1] => None,
        file => Some(observed(table, file)),
    };
    let lines = file
        .into_iter()
        .flat_map(|file| BufReader::new(file).lines());
    lines.map(move |line| observed(table, line)).skip(1)
}

fn row(table: &str, line: &str) -> Row {
    Row::parse(line).unwrap_or_else(|| panic!("cannot observe sockets: {table}: {line}"))
}

/// Returns the listening socket at `address`.
pub fn listener(address: SocketAddr) -> Option<Row> {
    listeners().find(|row| row.local == address)
}

/// Returns the listening socket that gets the clients of `address`: one at that port of all addresses, if none names
/// the address itself.
pub fn listener_for(address: SocketAddr) -> Option<Row> {
    // The kernel prefers a socket that names the address.
    let takers = listeners().filter(|row| row.answers(address));
    takers.min_by_key(|row| row.local.ip() != address.ip())
}

/// Returns the server's ends of its connections at `address`: of those that wait to be accepted, too.
pub fn connections(address: SocketAddr) -> impl Iterator<Item = Row> {
    rows_at(address).filter(|row| row.state == State::Established)
}

/// Returns how many connections of the server at `address` hold bytes that it has not read.
pub fn unread_connections(address: SocketAddr) -> usize {
    connections(address).filter(|row| row.unread > 0).count()
}

impl Row {
    /// Returns whether a socket that listens here gets the clients of `address`: `[::]` takes clients of IPv4, too.
    fn answers(&self, address: SocketAddr) -> bool {
        let own = self.local;
        let is_everywhere = match own.ip() {
            IpAddr::V4(ip) => ip.is_unspecified() && address.is_ipv4(),
            IpAddr::V6(ip) => ip.is_unspecified(),
        };
        own.port() == address.port() && (own.ip() == address.ip() || is_everywhere)
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, queues, _, _, _, _, inode, ..] = *fields else {
            return None;
        };
        let (_sending, unread) = queues.split_once(':')?;
        Some(Self {
            local: parse_address(local)?,
            local_text: local.to_owned(),
            remote: parse_address(remote)?,
            state: match from_hex(state)? {
                1 => State::Established,
                6 => State::TimeWait,
                10 => State::Listen,
                other => State::Other(other.try_into().ok()?),
            },
            unread: from_hex(unread)?,
            inode: inode.parse().ok()?,
        })
    }
}

/// Reads an address as it stands in the table: words in the machine's own byte order, and the port.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok();
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?.to_ne_bytes()).into(),
        _ => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?].map(u32::to_ne_bytes);
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Ipv6Addr::from(bytes).into()
        }
    };
    Some((ip, u16::try_from(from_hex(port)?).ok()?).into())
}

/// Whether a connection whose own address is `local` is in TIME_WAIT. (Where the kernel has little room
/// for others in that state, it may have ended it at once: then, too.)
pub fn is_in_time_wait(local: SocketAddr) -> bool {
    // The look through the table takes long if there are many, and meanwhile there may be room again.
    time_wait_is_full() || rows_at(local).any(|row| row.state == State::TimeWait)
}

fn time_wait_is_full() -> bool {
    let file = "/proc/net/sockstat";
    let table = observed(file, fs::read_to_string(file));
    let mut words = table.split_whitespace().skip_while(|word| *word != "tw");
    let used: Option<u64> = words.nth(1).and_then(|word| word.parse().ok());
    let limit = system::number("net/ipv4/tcp_max_tw_buckets");
    let Some((used, limit)) = used.zip(limit) else {
        panic!("cannot observe connections in TIME_WAIT: {table}");
    };
    used >= limit / 10 * 9
}

/// Returns what was read of a file that every machine has.
fn observed<T>(file: &str, read: io::Result<T>) -> T {
    read.unwrap_or_else(|error| panic!("cannot observe sockets: {file}: {error}"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_row_is_read_as_it_stands_in_the_table() {
        let line = "   0: 0100007F:1B5E 0200007F:9C40 01 00000000:0000000A 00:00000000 00000000  1000        0 4711 1 x";
        let row = Row::parse(line).unwrap_or_else(|| panic!("{line}"));
        #[cfg(target_endian = "little")]
        assert_eq!(row.local, SocketAddr::from(([127, 0, 0, 1], 7006)));
        assert_eq!((row.remote.port(), row.state), (40_000, State::Established));
        assert_eq!((row.unread, row.inode), (10, 4711));
    }

    #[test]
    fn a_listener_of_ipv6_is_found_where_there_is_ipv6() {
        let Ok(listener) = TcpListener::bind("[::1]:0") else {
            return; // without IPv6 there is nothing to be found
        };
        let address = listener
            .local_addr()
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(
            super::listener(address).is_some(),
            "{address} is not in the table"
        );
        assert!(
            table().iter().any(|row| row.local == address),
            "{address} is among the listeners only"
        );
    }
}
