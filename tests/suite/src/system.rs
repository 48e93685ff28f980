//! What the kernel tells of the whole machine; what it does not tell is `None`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::mapping::number_behind;

/// Returns where a file lies that tells of the machine, by its path from the top: `proc/meminfo`. A test that pretends
/// another machine has `MACHINE_ROOT` name the folder in which the files of that one lie.
fn path(file: &str) -> PathBuf {
    PathBuf::from(env::var_os("MACHINE_ROOT").unwrap_or("/".into())).join(file)
}

/// Returns the text of a file, by its path from the top.
fn text(file: &str) -> Option<String> {
    fs::read_to_string(path(file)).ok()
}

/// Returns a setting of the kernel by its path below /proc/sys: `net/ipv4/ip_local_port_range`.
pub fn setting(name: &str) -> Option<String> {
    Some(text(&format!("proc/sys/{name}"))?.trim_end().to_owned())
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
    number_behind(text("proc/meminfo")?.lines(), name)
}

/// Returns how many pages all TCP sockets of the machine hold (proc_net(5), sockstat).
pub(crate) fn tcp_pages() -> Option<u64> {
    let text = text("proc/net/sockstat")?;
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Returns the CPU as it calls itself, if it does (proc_cpuinfo(5)).
pub fn processor() -> Option<String> {
    let text = text("proc/cpuinfo")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}

/// Returns how many processes wanted to run in the last minute, on average (proc_loadavg(5)).
pub fn load() -> Option<f64> {
    text("proc/loadavg")?.split(' ').next()?.parse().ok()
}

/// Returns whether the CPU is of another kind than `architecture`, so that this program is emulated: an emulator shows
/// the real CPU's list (proc_cpuinfo(5)), in which Apple's calls itself `VirtualApple`.
pub fn is_emulated(architecture: &str) -> bool {
    let text = text("proc/cpuinfo").unwrap_or_default();
    match architecture {
        "x86_64" => text.contains("CPU implementer") || text.contains("VirtualApple"),
        _ => text.contains("vendor_id"),
    }
}

/// Returns the type of the file system that `folder`, an absolute path, is on (proc_pid_mountinfo(5)).
pub fn file_system(folder: &Path) -> Option<String> {
    let text = text("proc/self/mountinfo")?;
    // The latest of those with the longest path hides the others.
    let mounts = text.lines().filter_map(|line| {
        let (mount, system) = line.split_once(" - ")?;
        let at = mount.split(' ').nth(4)?.replace("\\040", " ");
        let is_above = folder.starts_with(&at);
        is_above.then_some((at.len(), system.split(' ').next()?))
    });
    let (_, system) = mounts.max_by_key(|(length, _)| *length)?;
    Some(system.to_owned())
}

/// Returns the sign that this is a container, if there is any.
pub fn container() -> Option<&'static str> {
    let marks = [(".dockerenv", "Docker"), ("run/.containerenv", "Podman")];
    let marked = marks.into_iter().find(|(mark, _)| path(mark).exists());
    let of_groups = || {
        let groups = text("proc/1/cgroup").unwrap_or_default();
        let names = ["docker", "libpod", "kubepods", "containerd", "lxc"];
        names.into_iter().find(|name| groups.contains(name))
    };
    let of_root = || file_system(Path::new("/")).filter(|system| system == "overlay");
    marked
        .map(|(_, name)| name)
        .or_else(of_groups)
        .or_else(|| of_root().map(|_| "an overlay is its root"))
}

/// Returns whether root runs this process, whom RLIMIT_NPROC does not bind (getrlimit(2)).
pub fn is_root() -> bool {
    text("proc/self/status").and_then(|text| number_behind(text.lines(), "Uid")) == Some(0)
}

/// Returns the lowest limit of tasks in the control groups that this process is in (cgroups(7), pids.max).
pub fn most_tasks_of_groups() -> Option<u64> {
    let groups = text("proc/self/cgroup")?;
    let limits = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next(), parts.next().unwrap_or_default());
        let folder = match controllers {
            Some("pids") => "sys/fs/cgroup/pids",
            _ => "sys/fs/cgroup",
        };
        let above = Path::new(group).ancestors();
        above.filter_map(move |group| {
            let file = format!("{folder}/{}/pids.max", group.display());
            text(&file)?.trim_end().parse::<u64>().ok()
        })
    });
    limits.min()
}
