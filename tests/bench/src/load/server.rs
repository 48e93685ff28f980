//! The server's processes: who listens, and what processor time they have spent.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use nix::time::ClockId;
use suite::Process;

use super::clock;

/// Steps of the processor times in /proc/PID/stat, a second (include/asm-generic/param.h).
const USER_HZ: u64 = 100;

/// The process that listens at `address`, or at that port of all addresses. Of several that share the
/// socket it is the one that the others come from.
///
/// `None`: nobody, or somebody whose descriptors this user may not see.
pub fn listening_at(address: SocketAddr) -> Option<Process> {
    let inode = listener_inode(address)?;
    let target = format!("socket:[{inode}]");
    let holders: Vec<Process> = processes()
        .filter(|process| holds(*process, &target))
        .collect();
    let started: Vec<Process> = (holders.iter())
        .flat_map(|holder| holder.descendants())
        .collect();
    let mut oldest = holders.into_iter();
    oldest.find(|holder| !started.contains(holder))
}

fn processes() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(Process::new(entry.file_name().to_str()?.parse().ok()?)))
}

/// Returns whether a descriptor of `process` names `target`; `false` if this user may not see them.
fn holds(process: Process, target: &str) -> bool {
    let entries = fs::read_dir(format!("/proc/{}/fd", process.pid()));
    let entries = entries.into_iter().flatten().flatten();
    let mut links = entries.map(|entry| fs::read_link(entry.path()));
    links.any(|link| link.is_ok_and(|to| to.as_os_str() == target))
}

/// The inode of the listening socket for `address`, by which descriptors name it (proc_pid_fd(5)).
fn listener_inode(address: SocketAddr) -> Option<u64> {
    const LISTEN: &str = "0A"; // include/net/tcp_states.h
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let text: Vec<String> = tables.into_iter().flatten().collect();
    let rows = text.iter().flat_map(|table| table.lines().skip(1));
    let mut listeners: Vec<(SocketAddr, u64)> = rows
        .filter_map(|row| {
            let fields: Vec<&str> = row.split_whitespace().collect();
            let listens = *fields.get(3)? == LISTEN;
            let own = parse_address(fields.get(1)?)?;
            let inode = fields.get(9)?.parse().ok()?;
            (listens && answers(own, address)).then_some((own, inode))
        })
        .collect();
    // The kernel prefers the one that names the address.
    listeners.sort_by_key(|(own, _)| own.ip() != address.ip());
    listeners.first().map(|(_, inode)| *inode)
}

/// Whether a socket that listens at `own` gets the clients of `address`: `[::]` takes those of IPv4, too.
fn answers(own: SocketAddr, address: SocketAddr) -> bool {
    let everywhere = match own.ip() {
        IpAddr::V4(ip) => ip.is_unspecified() && address.is_ipv4(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    own.port() == address.port() && (own.ip() == address.ip() || everywhere)
}

/// An address as it stands in the table: words of the machine's own byte order, and the port.
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
    Some((ip, u16::from_str_radix(port, 16).ok()?).into())
}

/// Processor time that a server has spent: in all threads of the process, those that have ended
/// included; in the processes that it has started; and in those of these that it has reaped. The last are
/// counted by the kernel in steps of 10 ms (proc_pid_stat(5), cutime); the others to the nanosecond,
/// from the same count as schedstat, and up to now where that lags behind while a thread runs.
pub fn processor_time(server: Process) -> Duration {
    let family = [vec![server], server.descendants()].concat();
    family.into_iter().map(living).sum::<Duration>() + reaped(server)
}

fn living(process: Process) -> Duration {
    let clock = ClockId::pid_cpu_clock_id(process.pid());
    Duration::from_nanos(clock.map_or(0, clock::read))
}

fn reaped(process: Process) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.pid())).unwrap_or_default();
    // The name, in parentheses, may hold anything; the field after it is the third.
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields = fields.split_whitespace().skip(16 - 3).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / USER_HZ)
}
