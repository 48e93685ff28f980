//! The machine's properties that the course depends on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use suite::system;

use super::State::{self, Fine, Limited, Missing};
use super::{Finding, programs};
use crate::Lab;
use crate::show::number;
use crate::world::{Machine, changed_sources};

/// Idle clients in the largest experiment, `cargo lab scale`.
const MOST_CLIENTS: u64 = 19_000;

/// A property: its name, how it is looked at, and the consequence and remedy where it is not fine.
type Property = (
    &'static str,
    fn(&Lab, &Machine) -> (String, State),
    &'static str,
);

#[rustfmt::skip]
const PROPERTIES: [Property; 15] = [
    ("kernel", kernel, "pidfd_getfd and close_range need Linux 5.11: many experiments fail"),
    ("architecture", architecture, "tried on x86_64 and aarch64 only: the names of a few system calls may differ"),
    ("processors", processors, "server and load share one: `scale` and `load` measure both together"),
    ("ptrace", ptrace, "no experiment that counts system calls: allow it with docker run --cap-add SYS_PTRACE, or by \
                        echo 0 > /proc/sys/kernel/yama/ptrace_scope"),
    ("descriptors", descriptors, "fewer idle clients than 19,000, which is said where it matters: raise the hard limit \
                                  (ulimit -Hn, LimitNOFILE=, docker run --ulimit nofile=20000)"),
    ("ports", ports, "fewer clients than 19,000 to one address: widen net.ipv4.ip_local_port_range"),
    ("loopback", loopback, "servers cannot listen on 127.0.0.2 and the like: bring the interface lo up"),
    ("IPv6", ipv6, "the suite's case c5_ipv6 fails: enable net.ipv6.conf.lo (docker: --sysctl \
                    net.ipv6.conf.all.disable_ipv6=0)"),
    ("tasks", tasks, "stages 2 and 3 cannot have 1,100 clients: raise kernel.pid_max (docker: --pids-limit)"),
    ("TIME_WAIT", time_wait, "connections that have ended may be forgotten early: a restart proves less"),
    ("TCP memory", tcp_memory, "the suite's case E6 tries fewer clients that never read: raise net.ipv4.tcp_mem, or give \
                                the machine more memory"),
    ("congestion control", congestion, "tried with bbr and cubic: throughput under load may differ"),
    ("temporary files", temporary_folder, "C42 shows no major faults, or nothing at all: set TMPDIR to a folder on a disk"),
    ("raw sockets", raw_sockets, "lesson 00 and its statements do not show the ports in a packet: run it as root, or \
                                  allow it (docker run --cap-add NET_RAW)"),
    ("checkout", checkout, "lessons and X-rays show the changed stage: git diff shows what is different, git restore \
                            undoes it"),
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

const fn fine_or(otherwise: State, fine: bool) -> State {
    if fine { Fine } else { otherwise }
}

/// Returns something that the kernel shows, in words, and whether it is known and fine.
fn known<T>(
    figure: Option<T>,
    in_words: impl Fn(&T) -> String,
    is_fine: impl Fn(&T) -> bool,
) -> (String, State) {
    let seen = figure
        .as_ref()
        .map_or("cannot observe".to_owned(), in_words);
    (seen, fine_or(Limited, figure.as_ref().is_some_and(is_fine)))
}

fn kernel(_: &Lab, machine: &Machine) -> (String, State) {
    let is_new = |kernel: &String| {
        let mut numbers = kernel
            .split(['.', '-'])
            .map_while(|word| word.parse::<u32>().ok());
        (numbers.next(), numbers.next()) >= (Some(5), Some(11))
    };
    match known(
        machine.kernel.as_ref(),
        |kernel| (*kernel).clone(),
        |kernel| is_new(kernel),
    ) {
        (seen, Fine) => (seen, Fine),
        (seen, _) => (seen, Missing),
    }
}

fn architecture(_: &Lab, machine: &Machine) -> (String, State) {
    let known = matches!(machine.architecture, "x86_64" | "aarch64");
    (machine.architecture.to_owned(), fine_or(Limited, known))
}

fn processors(_: &Lab, machine: &Machine) -> (String, State) {
    let count = machine.processors;
    (count.to_string(), fine_or(Limited, count >= 2))
}

/// Tries it: too many things may forbid it (Yama, seccomp, capabilities).
fn ptrace(lab: &Lab, _: &Machine) -> (String, State) {
    let tried = lab.specimen("pause", &[]).and_then(|mut specimen| {
        specimen.expect("ready")?;
        lab.trace(specimen.pid()).map(drop)
    });
    match tried {
        Ok(()) => ("works".to_owned(), Fine),
        Err(error) => (error.root_cause().to_string(), Missing),
    }
}

fn descriptors(_: &Lab, machine: &Machine) -> (String, State) {
    let most = machine.descriptors;
    (number(most), fine_or(Limited, most > MOST_CLIENTS + 100))
}

/// Looks at the ports that connect(2) chooses from (ip(7), ip_local_port_range).
fn ports(_: &Lab, _: &Machine) -> (String, State) {
    let free = system::ports_for_clients().map(|(first, last)| (last + 1).saturating_sub(first));
    let in_words = |free: &u64| format!("{} to choose from", number(*free));
    known(free, in_words, |free| *free > MOST_CLIENTS)
}

fn loopback(_: &Lab, _: &Machine) -> (String, State) {
    let is_reached = |host| reaches(Ipv4Addr::new(127, 0, 0, host).into());
    match (1..=3).all(is_reached) {
        true => ("127.0.0.0/8".to_owned(), Fine),
        false => ("not all of 127.0.0.0/8".to_owned(), Missing),
    }
}

fn ipv6(_: &Lab, _: &Machine) -> (String, State) {
    match reaches(Ipv6Addr::LOCALHOST.into()) {
        true => ("::1".to_owned(), Fine),
        false => ("no ::1".to_owned(), Limited),
    }
}

/// Tries an address: while its interface is down it can be listened on, but not be reached.
fn reaches(ip: IpAddr) -> bool {
    let listener = TcpListener::bind((ip, 0));
    let address = listener.as_ref().map(TcpListener::local_addr);
    matches!(address, Ok(Ok(address)) if TcpStream::connect(address).is_ok())
}

fn tasks(_: &Lab, _: &Machine) -> (String, State) {
    let in_words = |most: &u64| format!("{} ids", number(*most));
    known(system::number("kernel/pid_max"), in_words, |most| {
        *most >= 8_192
    })
}

/// Looks at the room for clients that leave by themselves, which are kept for a minute (tcp(7), tcp_max_tw_buckets).
fn time_wait(_: &Lab, _: &Machine) -> (String, State) {
    let most = system::number("net/ipv4/tcp_max_tw_buckets");
    let in_words = |most: &u64| format!("room for {}", number(*most));
    known(most, in_words, |most| *most >= 4_096)
}

/// Looks at the room for clients that do not read, and fill all buffers of their connections (tcp(7), tcp_mem).
fn tcp_memory(_: &Lab, _: &Machine) -> (String, State) {
    /// The stalled clients of E6.
    const STALLED: usize = 64;
    /// The bytes that the buffers of one hold, with the limits that Linux begins with.
    const EACH: usize = 5 << 20;
    let room = suite::room_for_stalled(STALLED, EACH);
    let seen = format!("room for {room} stalled clients");
    (seen, fine_or(Limited, room == STALLED))
}

fn congestion(_: &Lab, machine: &Machine) -> (String, State) {
    let is_tried = |name: &&String| matches!(name.as_str(), "bbr" | "cubic" | "reno");
    known(
        machine.congestion_control.as_ref(),
        |name| (*name).clone(),
        is_tried,
    )
}

/// Looks at the file system: faults on pages that were dropped from the cache need a disk behind it.
fn temporary_folder(_: &Lab, _: &Machine) -> (String, State) {
    let folder = std::env::temp_dir();
    let on_tmpfs = statfs(&folder).is_ok_and(|system| system.filesystem_type() == TMPFS_MAGIC);
    let state = match tempfile::tempfile() {
        Err(_) => Missing,
        Ok(_) => fine_or(Limited, !on_tmpfs),
    };
    (folder.display().to_string(), state)
}

/// Tries a raw socket: lesson 00 reads a packet's header (raw(7)).
fn raw_sockets(_: &Lab, _: &Machine) -> (String, State) {
    let (family, flags) = (AddressFamily::Inet, SockFlag::SOCK_CLOEXEC);
    match socket(family, SockType::Raw, flags, SockProtocol::Tcp) {
        Ok(_) => ("allowed".to_owned(), Fine),
        Err(error) => (format!("no CAP_NET_RAW: {}", error.desc()), Limited),
    }
}

/// Looks for a break that was not undone, which makes lessons fail.
fn checkout(_: &Lab, _: &Machine) -> (String, State) {
    match changed_sources().as_slice() {
        [] => ("the stages are as committed".to_owned(), Fine),
        changed => (format!("{} is changed", changed.join(", ")), Limited),
    }
}
