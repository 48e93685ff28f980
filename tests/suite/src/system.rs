//! What the kernel tells of the whole machine; what it does not tell is `None`.

use std::fs;

use crate::mapping::number_behind;

/// Returns a setting of the kernel by its path below /proc/sys: `net/ipv4/ip_local_port_range`.
pub fn setting(name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
    Some(text.trim_end().to_owned())
}

/// Returns a setting that is a number, or the first of several.
pub fn number(name: &str) -> Option<u64> {
    setting(name)?.split_whitespace().next()?.parse().ok()
}

/// Returns the ports that the kernel chooses from for a client, the first and the last (ip(7), ip_local_port_range).
pub fn ports_for_clients() -> Option<(u64, u64)> {
    let range = setting("net/ipv4/ip_local_port_range")?;
    let (first, last) = range.split_once(char::is_whitespace)?;
    Some((first.parse().ok()?, last.trim().parse().ok()?))
}

/// Returns a figure of the kernel's memory by name, in KiB (proc_meminfo(5)).
pub fn memory_kib(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    number_behind(text.lines(), name)
}

/// Returns how many pages all TCP sockets of the machine hold (proc_net(5), sockstat).
pub(crate) fn tcp_pages() -> Option<u64> {
    let text = fs::read_to_string("/proc/net/sockstat").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Returns the CPU as it calls itself, if it does (proc_cpuinfo(5)).
pub fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}

/// Returns how many processes wanted to run in the last minute, on average (proc_loadavg(5)).
pub fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}
