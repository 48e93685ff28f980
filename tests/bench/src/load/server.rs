//! The server's processes: which one listens, and what CPU time they have spent.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use nix::time::ClockId;
use suite::Process;

/// Steps of the CPU times in /proc/PID/stat, a second (include/asm-generic/param.h).
const USER_HZ: u64 = 100;

/// Returns the process that listens at `address`, or at that port of all addresses. Of several that share the
/// socket it is the one that the others come from. `None` if there is none, or if it is one whose descriptors this user
/// may not see.
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

/// Returns the inode of the listening socket for `address`, by which descriptors name it (proc_pid_fd(5)).
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
    // The kernel prefers a socket that names the address.
    listeners.sort_by_key(|(own, _)| own.ip() != address.ip());
    listeners.first().map(|(_, inode)| *inode)
}

/// Returns whether a socket that listens at `own` gets the clients of `address`: `[::]` takes clients of IPv4, too.
fn answers(own: SocketAddr, address: SocketAddr) -> bool {
    let everywhere = match own.ip() {
        IpAddr::V4(ip) => ip.is_unspecified() && address.is_ipv4(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    own.port() == address.port() && (own.ip() == address.ip() || everywhere)
}

/// Reads an address of the table: words of the machine's own byte order, and the port.
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

/// Returns the CPU time that a server has spent: in all threads of the process, those that have ended
/// included; in the processes that it has started; and in those of these that it has reaped. The kernel counts the last
/// in steps of 10 ms (proc_pid_stat(5), cutime), the others to the nanosecond. `None` if the server is gone, or its
/// time cannot be read, which is not 0.
pub fn cpu_time(server: Process) -> Option<Duration> {
    // A child that ends meanwhile takes its time with it, until it is reaped.
    let children = server.descendants().into_iter().filter_map(living);
    let children: Duration = children.sum();
    Some(living(server)? + children + reaped(server)?)
}

fn living(process: Process) -> Option<Duration> {
    let clock = ClockId::pid_cpu_clock_id(process.pid()).ok()?;
    Some(clock.now().ok()?.into())
}

fn reaped(process: Process) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.pid())).ok()?;
    // The name, in parentheses, may hold anything; the field after it is the third.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split_whitespace().skip(16 - 3);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(
        (ticks()? + ticks()?) * 1000 / USER_HZ,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_that_is_gone_is_not_0() -> anyhow::Result<()> {
        let own = Process::new(std::process::id().cast_signed());
        assert!(cpu_time(own).is_some_and(|time| !time.is_zero()));
        let mut child = std::process::Command::new("true").spawn()?;
        let process = Process::new(child.id().cast_signed());
        child.wait()?;
        assert_eq!((living(process), reaped(process)), (None, None));
        assert_eq!(cpu_time(process), None);
        Ok(())
    }
}
