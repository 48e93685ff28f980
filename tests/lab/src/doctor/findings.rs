//! The machine's properties that the course depends on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use suite::system;

use super::{Finding, State, programs};
use crate::Lab;
use crate::show::number;
use crate::world::{Machine, changed_sources};

/// Idle clients in the largest experiment, `cargo lab scale`.
const MOST_CLIENTS: u64 = 19_000;

/// Looks at everything.
pub(super) fn all(lab: &Lab) -> Vec<Finding> {
    let machine = Machine::here();
    let mut all = vec![
        kernel(&machine),
        architecture(&machine),
        processors(&machine),
        ptrace(lab),
        descriptors(&machine),
        ports(),
        addresses(),
        ipv6(),
        tasks(),
        time_wait(),
        tcp_memory(),
        congestion_control(&machine),
        temporary_folder(),
        raw_sockets(),
        checkout(),
    ];
    all.extend(programs::missing());
    all
}

pub(super) fn finding(
    what: &'static str,
    seen: impl Into<String>,
    state: State,
    advice: &'static str,
) -> Finding {
    let seen = seen.into();
    Finding {
        what,
        seen,
        state,
        advice,
    }
}

const fn fine_or(otherwise: State, fine: bool) -> State {
    if fine { State::Fine } else { otherwise }
}

fn kernel(machine: &Machine) -> Finding {
    let kernel = machine.kernel.as_deref().unwrap_or(UNSEEN);
    let mut numbers = kernel.split(['.', '-']).map(str::parse::<u32>);
    let (major, minor) = (numbers.next(), numbers.next());
    let version = (major.and_then(Result::ok), minor.and_then(Result::ok));
    let state = fine_or(State::Missing, version >= (Some(5), Some(11)));
    let advice = "pidfd_getfd and close_range need Linux 5.11: many experiments fail";
    finding("kernel", kernel, state, advice)
}

fn architecture(machine: &Machine) -> Finding {
    let known = matches!(machine.architecture, "x86_64" | "aarch64");
    let state = fine_or(State::Limited, known);
    let advice = "tried on x86_64 and aarch64 only: the names of a few system calls may differ";
    finding("architecture", machine.architecture, state, advice)
}

fn processors(machine: &Machine) -> Finding {
    let state = fine_or(State::Limited, machine.processors >= 2);
    let advice = "server and load share one: `scale` and `load` measure both together";
    let count = machine.processors.to_string();
    finding("processors", count, state, advice)
}

/// The word for something that the kernel does not show.
const UNSEEN: &str = "cannot observe";

/// Returns a number in words.
fn seen(figure: Option<u64>, in_words: impl Fn(String) -> String) -> String {
    figure.map_or(UNSEEN.to_owned(), |figure| in_words(number(figure)))
}

/// Tries it: too many things may forbid it (Yama, seccomp, capabilities).
fn ptrace(lab: &Lab) -> Finding {
    let tried = lab.specimen("pause", &[]).and_then(|mut specimen| {
        specimen.expect("ready")?;
        lab.trace(specimen.pid()).map(drop)
    });
    let advice = "no experiment that counts system calls: allow it with docker run --cap-add \
                  SYS_PTRACE, or by echo 0 > /proc/sys/kernel/yama/ptrace_scope";
    match tried {
        Ok(()) => finding("ptrace", "works", State::Fine, advice),
        Err(error) => {
            let error = error.root_cause().to_string();
            finding("ptrace", error, State::Missing, advice)
        }
    }
}

fn descriptors(machine: &Machine) -> Finding {
    let state = fine_or(State::Limited, machine.descriptors > MOST_CLIENTS + 100);
    let advice = "fewer idle clients than 19,000, which is said where it matters: raise the hard limit \
                  (ulimit -Hn, LimitNOFILE=, docker run --ulimit nofile=20000)";
    finding("descriptors", number(machine.descriptors), state, advice)
}

/// The ports that connect(2) chooses from (ip(7), ip_local_port_range).
fn ports() -> Finding {
    let free = system::ports_for_clients().map(|(first, last)| (last + 1).saturating_sub(first));
    let state = fine_or(State::Limited, free > Some(MOST_CLIENTS));
    let advice = "fewer clients than 19,000 to one address: widen net.ipv4.ip_local_port_range";
    let seen = seen(free, |free| format!("{free} to choose from"));
    finding("ports", seen, state, advice)
}

fn addresses() -> Finding {
    let reached = [1, 2, 3].map(|host| reaches(Ipv4Addr::new(127, 0, 0, host).into()));
    let all = reached == [true; 3];
    let advice = "servers cannot listen on 127.0.0.2 and the like: bring the interface lo up";
    let seen = match all {
        true => "127.0.0.0/8",
        false => "not all of 127.0.0.0/8",
    };
    finding("loopback", seen, fine_or(State::Missing, all), advice)
}

/// An address can be listened on while its interface is down, but not be reached.
fn reaches(ip: IpAddr) -> bool {
    let listener = TcpListener::bind((ip, 0));
    let address = listener.as_ref().map(TcpListener::local_addr);
    matches!(address, Ok(Ok(address)) if TcpStream::connect(address).is_ok())
}

fn ipv6() -> Finding {
    let reached = reaches(Ipv6Addr::LOCALHOST.into());
    let seen = if reached { "::1" } else { "no ::1" };
    let advice = "the suite's case c5_ipv6 fails: enable net.ipv6.conf.lo (docker: --sysctl \
                  net.ipv6.conf.all.disable_ipv6=0)";
    finding("IPv6", seen, fine_or(State::Limited, reached), advice)
}

fn tasks() -> Finding {
    let most = system::number("kernel/pid_max");
    let advice = "stages 2 and 3 cannot have 1,100 clients: raise kernel.pid_max (docker: \
                  --pids-limit)";
    let seen = seen(most, |most| format!("{most} ids"));
    let state = fine_or(State::Limited, most >= Some(8_192));
    finding("tasks", seen, state, advice)
}

/// Clients that leave by themselves are kept for a minute (tcp(7), tcp_max_tw_buckets).
fn time_wait() -> Finding {
    let most = system::number("net/ipv4/tcp_max_tw_buckets");
    let advice = "connections that have ended may be forgotten early: a restart proves less";
    let seen = seen(most, |most| format!("room for {most}"));
    let state = fine_or(State::Limited, most >= Some(4_096));
    finding("TIME_WAIT", seen, state, advice)
}

/// Clients that do not read fill all buffers of their connections (tcp(7), tcp_mem).
fn tcp_memory() -> Finding {
    /// E6 has so many of them.
    const STALLED: usize = 64;
    /// The bytes that the buffers of one hold, with the limits that Linux begins with.
    const EACH: usize = 5 << 20;
    let room = suite::room_for_stalled(STALLED, EACH);
    let advice = "the suite's case E6 tries fewer clients that never read: raise net.ipv4.tcp_mem, or give the \
                  machine more memory";
    let seen = format!("room for {room} stalled clients");
    let state = fine_or(State::Limited, room == STALLED);
    finding("TCP memory", seen, state, advice)
}

fn congestion_control(machine: &Machine) -> Finding {
    let name = machine.congestion_control.as_deref().unwrap_or(UNSEEN);
    let known = matches!(name, "bbr" | "cubic" | "reno");
    let advice = "tried with bbr and cubic: throughput under load may differ";
    let state = fine_or(State::Limited, known);
    finding("congestion control", name, state, advice)
}

/// Faults on pages that were dropped from the cache need a file system with a disk behind it.
fn temporary_folder() -> Finding {
    let folder = std::env::temp_dir();
    let on_tmpfs = statfs(&folder).is_ok_and(|system| system.filesystem_type() == TMPFS_MAGIC);
    let writable = tempfile::tempfile().is_ok();
    let state = match (writable, on_tmpfs) {
        (false, _) => State::Missing,
        (true, true) => State::Limited,
        (true, false) => State::Fine,
    };
    let advice = "C42 shows no major faults, or nothing at all: set TMPDIR to a folder on a disk";
    let seen = folder.display().to_string();
    finding("temporary files", seen, state, advice)
}

/// Lesson 00 reads a packet's header (raw(7)).
fn raw_sockets() -> Finding {
    let socket = socket(
        AddressFamily::Inet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::Tcp,
    );
    let seen = match &socket {
        Ok(_) => "allowed".to_owned(),
        Err(error) => format!("no CAP_NET_RAW: {}", error.desc()),
    };
    let advice = "lesson 00 and its statements do not show the ports in a packet: run it as root, or allow it \
                  (docker run --cap-add NET_RAW)";
    let state = fine_or(State::Limited, socket.is_ok());
    finding("raw sockets", seen, state, advice)
}

/// A break that was not undone makes lessons fail.
fn checkout() -> Finding {
    let changed = changed_sources();
    let state = fine_or(State::Limited, changed.is_empty());
    let seen = match changed.as_slice() {
        [] => "the stages are as committed".to_owned(),
        changed => format!("{} is changed", changed.join(", ")),
    };
    let advice = "lessons and X-rays show the changed stage: git diff shows what is different, git restore undoes it";
    finding("checkout", seen, state, advice)
}
