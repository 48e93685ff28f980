//! The machine's properties that the course depends on.

use nix::sys::resource::{Resource, getrlimit};
use suite::system;

use super::State::{self, Fine, Limited, Missing};
use super::{Finding, calls, folders, network, programs};
use crate::Lab;
use crate::show::number;
use crate::world::Machine;

/// Idle clients in the largest experiment, `cargo lab scale`.
const MOST_CLIENTS: u64 = 19_000;

/// Looks at a property.
type Look = fn(&Lab, &Machine) -> Finding;

/// The properties: name, look, consequence and remedy.
#[rustfmt::skip]
const PROPERTIES: [(&str, Look, &str); 18] = [
    ("kernel", |_, machine| kernel(machine),
     "no server can be started: close_range(2) has the flag CLOSE_RANGE_CLOEXEC since Linux 5.11. Take a newer kernel"),
    ("architecture", |_, machine| architecture(machine.architecture),
     "tried on x86_64 and aarch64 only: the names of a few system calls may differ"),
    ("processors", |_, machine| Finding::new(machine.processors.to_string(), limited_unless(machine.processors >= 2)),
     "server and load share one: `scale` and `load` measure both together. Give the machine another"),
    ("ptrace", |lab, _| calls::ptrace(lab),
     "no experiment that counts system calls: allow ptrace (docker run --cap-add SYS_PTRACE)"),
    ("io_uring", |_, _| calls::io_uring(),
     "only the chapter on io_uring and `cargo lab xray uring` need it"),
    ("descriptors", |_, machine| Finding::new(number(machine.descriptors), limited_unless(machine.descriptors > MOST_CLIENTS + 100)),
     "fewer idle clients than 19,000, which is said where it matters: raise the hard limit \
      (ulimit -Hn, LimitNOFILE=, docker run --ulimit nofile=20000)"),
    ("ports", |_, _| at_least(MOST_CLIENTS + 1, "# to choose from", network::ports()),
     "fewer clients than 19,000 to one address: widen net.ipv4.ip_local_port_range"),
    ("loopback", |_, _| network::loopback(),
     "servers cannot listen on 127.0.0.2 and the like: bring the interface lo up (ip link set lo up)"),
    ("IPv6", |_, _| network::ipv6(),
     "the suite's case c5_ipv6 fails: enable net.ipv6.conf.lo (docker: --sysctl \
      net.ipv6.conf.all.disable_ipv6=0)"),
    ("tasks", |_, _| tasks(),
     "stages 2 and 3 cannot have 1,100 clients: raise it"),
    // Clients that leave by themselves are kept for a minute.
    ("TIME_WAIT", |_, _| at_least(4_096, "room for #", system::number("net/ipv4/tcp_max_tw_buckets")),
     "connections that have ended may be forgotten early, and a restart proves less: raise net.ipv4.tcp_max_tw_buckets"),
    ("TCP memory", |_, _| network::tcp_memory(),
     "the suite's case E6 tries fewer clients that never read: raise net.ipv4.tcp_mem, or give the \
      machine more memory"),
    ("congestion control", |_, machine| network::congestion_control(machine),
     "tried with bbr and cubic, throughput under load may differ: set net.ipv4.tcp_congestion_control"),
    ("temporary files", |_, _| folders::temporary_folder(),
     "C42 shows no major faults, or nothing at all: set TMPDIR to a folder on a disk"),
    ("raw sockets", |_, _| network::raw_sockets(),
     "lesson 00 and its statements do not show the ports in a packet: sudo target/release/lab lesson 00, or \
      docker run --cap-add NET_RAW"),
    ("file system", |_, _| folders::course_folder(),
     "it is another machine's: file times and mappings behave differently, cargo may miss a change, and builds are slow. \
      Clone the course into a folder of Linux itself, such as your home"),
    ("clone", |_, _| folders::clone(),
     "the breaks need git and a clone: take the course by git clone"),
    ("checkout", |_, _| folders::checkout(),
     "lessons and X-rays show the stages as they are now"),
];

/// Looks at everything.
pub(super) fn all(lab: &Lab, machine: &Machine) -> Vec<Finding> {
    let properties = PROPERTIES.iter();
    let properties = properties.map(|(what, look, usual)| look(lab, machine).about(what, usual));
    let lists = calls::refused().into_iter().chain(programs::missing());
    properties.chain(lists).collect()
}

/// Returns what is missing of a list, or one finding that all of it is there.
pub(super) fn or_fine(
    missing: impl Iterator<Item = Finding>,
    what: &'static str,
    all: impl Into<String>,
) -> Vec<Finding> {
    let missing: Vec<Finding> = missing.collect();
    match missing.is_empty() {
        true => vec![Finding::new(all, Fine).about(what, "")],
        false => missing,
    }
}

pub(super) const fn limited_unless(is_fine: bool) -> State {
    if is_fine { Fine } else { Limited }
}

pub(super) const fn missing_unless(is_fine: bool) -> State {
    if is_fine { Fine } else { Missing }
}

/// The word for something that the kernel does not show.
pub(super) const UNSEEN: &str = "cannot observe";

/// Returns a number in place of the `#` of `words`, and whether it is as large as it should be.
fn at_least(least: u64, words: &str, figure: Option<u64>) -> Finding {
    let in_words = |figure: u64| words.replace('#', &number(figure));
    let words = figure.map_or(UNSEEN.to_owned(), in_words);
    Finding::new(words, limited_unless(figure >= Some(least)))
}

fn kernel(machine: &Machine) -> Finding {
    let kernel = machine.kernel.as_deref().unwrap_or(UNSEEN);
    let mut numbers = kernel
        .split(['.', '-'])
        .map(|word| word.parse::<u32>().ok());
    let version = (numbers.next().flatten(), numbers.next().flatten());
    let seen = Finding::new(kernel, missing_unless(version >= (Some(5), Some(11))));
    // The kernels that come with Windows: the first generation only pretends to be Linux.
    if kernel.ends_with("-Microsoft") {
        return seen.advise(
            "this is WSL 1, which has no Linux kernel. In Windows: wsl --set-version NAME 2",
        );
    }
    match kernel.contains("microsoft") {
        true => seen.advise(
            "no server can be started by a kernel before Linux 5.11. In Windows: wsl --update",
        ),
        false => seen,
    }
}

fn architecture(name: &str) -> Finding {
    let is_known = matches!(name, "x86_64" | "aarch64");
    match system::is_emulated(name) {
        true => Finding::new(format!("{name}, emulated"), Limited).advise(
            "no ptrace, and the emulator's system calls instead of the kernel's: take a Linux for the CPU that is there \
             (docker run --platform linux/arm64)",
        ),
        false => Finding::new(name, limited_unless(is_known)),
    }
}

/// Looks for the lowest limit of processes and threads: of the machine, of the control group, of the user.
fn tasks() -> Finding {
    let of_user = (!system::is_root()).then(|| getrlimit(Resource::RLIMIT_NPROC).ok());
    let limits = [
        (system::number("kernel/pid_max"), "# (kernel.pid_max)"),
        (
            system::most_tasks_of_groups(),
            "# (pids.max: docker run --pids-limit, TasksMax=)",
        ),
        (of_user.flatten().map(|(soft, _)| soft), "# (ulimit -u)"),
    ];
    let known = limits.into_iter().filter(|(limit, _)| limit.is_some());
    let (limit, words) = known.min().unwrap_or((None, ""));
    at_least(4_096, words, limit)
}
