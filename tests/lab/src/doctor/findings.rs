//! The machine's properties that the course depends on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use suite::{room_for_stalled, system};

use super::State::{self, Fine, Limited, Missing};
use super::{Finding, programs};
use crate::Lab;
use crate::show::number;
use crate::world::{Changes, Machine};

/// Idle clients in the largest experiment, `cargo lab scale`.
const MOST_CLIENTS: u64 = 19_000;
/// The clients of the suite's case E6 that do not read, and the bytes that the buffers of one hold, with the limits that
/// Linux begins with (tcp(7), tcp_mem).
const STALLED: (usize, usize) = (64, 5 << 20);

/// Looks at a property: returns it in words, and its state.
type Look = fn(&Lab, &Machine) -> (String, State);

/// The properties: name, look, consequence and remedy.
#[rustfmt::skip]
const PROPERTIES: [(&str, Look, &str); 15] = [
    ("kernel", |_, machine| kernel(machine),
     "pidfd_getfd and close_range need Linux 5.11: many experiments fail"),
    ("architecture", |_, machine| (machine.architecture.to_owned(), limited_unless(matches!(machine.architecture, "x86_64" | "aarch64"))),
     "tried on x86_64 and aarch64 only: the names of a few system calls may differ"),
    ("processors", |_, machine| (machine.processors.to_string(), limited_unless(machine.processors >= 2)),
     "server and load share one: `scale` and `load` measure both together"),
    ("ptrace", |lab, _| ptrace(lab),
     "no experiment that counts system calls: allow it with docker run --cap-add SYS_PTRACE, or by \
      echo 0 > /proc/sys/kernel/yama/ptrace_scope"),
    ("descriptors", |_, machine| (number(machine.descriptors), limited_unless(machine.descriptors > MOST_CLIENTS + 100)),
     "fewer idle clients than 19,000, which is said where it matters: raise the hard limit \
      (ulimit -Hn, LimitNOFILE=, docker run --ulimit nofile=20000)"),
    ("ports", |_, _| at_least(MOST_CLIENTS + 1, "# to choose from", ports()),
     "fewer clients than 19,000 to one address: widen net.ipv4.ip_local_port_range"),
    ("loopback", |_, _| loopback(),
     "servers cannot listen on 127.0.0.2 and the like: bring the interface lo up"),
    ("IPv6", |_, _| ipv6(),
     "the suite's case c5_ipv6 fails: enable net.ipv6.conf.lo (docker: --sysctl \
      net.ipv6.conf.all.disable_ipv6=0)"),
    ("tasks", |_, _| at_least(8_192, "# ids", system::number("kernel/pid_max")),
     "stages 2 and 3 cannot have 1,100 clients: raise kernel.pid_max (docker: --pids-limit)"),
    // Clients that leave by themselves are kept for a minute.
    ("TIME_WAIT", |_, _| at_least(4_096, "room for #", system::number("net/ipv4/tcp_max_tw_buckets")),
     "connections that have ended may be forgotten early: a restart proves less"),
    ("TCP memory", |_, _| tcp_memory(),
     "the suite's case E6 tries fewer clients that never read: raise net.ipv4.tcp_mem, or give the \
      machine more memory"),
    ("congestion control", |_, machine| congestion_control(machine),
     "tried with bbr and cubic: throughput under load may differ"),
    ("temporary files", |_, _| temporary_folder(),
     "C42 shows no major faults, or nothing at all: set TMPDIR to a folder on a disk"),
    ("raw sockets", |_, _| raw_sockets(),
     "lesson 00 and its statements do not show the ports in a packet: run it as root, or allow it \
      (docker run --cap-add NET_RAW)"),
    ("checkout", |_, _| checkout(),
     "lessons and X-rays show the stages as they are now"),
];

/// Looks at everything.
pub(super) fn all(lab: &Lab, machine: &Machine) -> Vec<Finding> {
    let properties = PROPERTIES.iter().map(|(what, look, advice)| {
        let (seen, state) = look(lab, machine);
        let advice = (*advice).to_owned();
        Finding {
            what,
            seen,
            state,
            advice,
        }
    });
    properties.chain(programs::missing()).collect()
}

const fn limited_unless(is_fine: bool) -> State {
    if is_fine { Fine } else { Limited }
}

const fn missing_unless(is_fine: bool) -> State {
    if is_fine { Fine } else { Missing }
}

/// The word for something that the kernel does not show.
const UNSEEN: &str = "cannot observe";

/// Returns a number in place of the `#` of `words`, and whether it is as large as it should be.
fn at_least(least: u64, words: &str, figure: Option<u64>) -> (String, State) {
    let in_words = |figure: u64| words.replace('#', &number(figure));
    (
        figure.map_or(UNSEEN.to_owned(), in_words),
        limited_unless(figure >= Some(least)),
    )
}

fn kernel(machine: &Machine) -> (String, State) {
    let kernel = machine.kernel.as_deref().unwrap_or(UNSEEN);
    let mut numbers = kernel
        .split(['.', '-'])
        .map(|word| word.parse::<u32>().ok());
    let (major, minor) = (numbers.next().flatten(), numbers.next().flatten());
    (
        kernel.to_owned(),
        missing_unless((major, minor) >= (Some(5), Some(11))),
    )
}

/// Tries a trace: too many things may forbid it (Yama, seccomp, capabilities).
fn ptrace(lab: &Lab) -> (String, State) {
    let tried = lab.specimen("pause", &[]).and_then(|mut specimen| {
        specimen.expect("ready")?;
        lab.trace(specimen.pid()).map(drop)
    });
    let state = missing_unless(tried.is_ok());
    let seen = tried.map_or_else(
        |error| error.root_cause().to_string(),
        |()| "works".to_owned(),
    );
    (seen, state)
}

/// Returns how many ports connect(2) chooses from (ip(7), ip_local_port_range).
fn ports() -> Option<u64> {
    system::ports_for_clients().map(|(first, last)| (last + 1).saturating_sub(first))
}

fn loopback() -> (String, State) {
    let is_fine = (1..=3).all(|host| reaches(Ipv4Addr::new(127, 0, 0, host).into()));
    let not_all = if is_fine { "" } else { "not all of " };
    (format!("{not_all}127.0.0.0/8"), missing_unless(is_fine))
}

fn ipv6() -> (String, State) {
    let is_fine = reaches(Ipv6Addr::LOCALHOST.into());
    let no = if is_fine { "" } else { "no " };
    (format!("{no}::1"), limited_unless(is_fine))
}

/// Tries an address: while its interface is down it can be listened on, but not be reached.
fn reaches(ip: IpAddr) -> bool {
    let listener = TcpListener::bind((ip, 0));
    let address = listener.as_ref().map(TcpListener::local_addr);
    matches!(address, Ok(Ok(address)) if TcpStream::connect(address).is_ok())
}

fn tcp_memory() -> (String, State) {
    let (wanted, bytes) = STALLED;
    let room = room_for_stalled(wanted, bytes);
    (
        format!("room for {room} stalled clients"),
        limited_unless(room == wanted),
    )
}

fn congestion_control(machine: &Machine) -> (String, State) {
    let name = machine.congestion_control.as_deref().unwrap_or(UNSEEN);
    (
        name.to_owned(),
        limited_unless(matches!(name, "bbr" | "cubic" | "reno")),
    )
}

/// Looks at the file system: faults on pages that were dropped from the cache need a disk behind it.
fn temporary_folder() -> (String, State) {
    let folder = std::env::temp_dir();
    let is_on_tmpfs = statfs(&folder).is_ok_and(|system| system.filesystem_type() == TMPFS_MAGIC);
    let state = match tempfile::tempfile() {
        Ok(_) => limited_unless(!is_on_tmpfs),
        Err(_) => Missing,
    };
    (folder.display().to_string(), state)
}

/// Tries a raw socket: lesson 00 reads a packet's header (raw(7)).
fn raw_sockets() -> (String, State) {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    match socket(family, SockType::Raw, flags, SockProtocol::Tcp) {
        Ok(_) => ("allowed".to_owned(), Fine),
        Err(error) => (format!("no CAP_NET_RAW: {}", error.desc()), Limited),
    }
}

/// Looks for a task that is open, and for a break that was not undone: they make lessons fail.
fn checkout() -> (String, State) {
    Changes::here().question().map_or_else(
        || ("the stages are as committed".to_owned(), Fine),
        |question| (question, Limited),
    )
}
