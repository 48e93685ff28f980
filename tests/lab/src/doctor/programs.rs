//! The programs on the PATH.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use nix::unistd::{AccessFlags, access};

use super::findings::or_fine;
use super::{Finding, State};

/// The programs that the chapters have a reader type, what breaks without each, and its package.
#[rustfmt::skip]
const PROGRAMS: [(&str, &str, &str); 20] = [
    ("nc",      "the clients by hand: the netcat of OpenBSD, which knows -N", "netcat-openbsd"),
    ("curl",    "chapter 08, which asks for files by HTTP", "curl"),
    ("ss",      "chapters 00 and 01: the kernel's list of sockets and queues", "iproute2"),
    ("strace",  "the system calls of a running server by hand", "strace"),
    ("python3", "the tests of the lab that judge servers in Python; the lessons do without", "python3"),
    ("kill",    "signals by hand", "procps"),
    ("pgrep",   "finding a server's process by its name", "procps"),
    ("ps",      "processes, threads and their states", "procps"),
    ("prlimit", "limits of a process", "util-linux"),
    ("taskset", "a server on one core", "util-linux"),
    ("git",     "the breaks: git makes them and undoes them", "git"),
    ("timeout", "an end for what would not end", "coreutils"),
    ("cat",     "looking at /proc", "coreutils"),
    ("ls",      "looking at /proc", "coreutils"),
    ("head",    "the beginning of something long", "coreutils"),
    ("wc",      "counting lines and bytes", "coreutils"),
    ("printf",  "exact input for a client", "coreutils"),
    ("yes",     "input without end", "coreutils"),
    ("grep",    "picking lines", "grep"),
    ("sh",      "the shell in which all of it is typed", "dash"),
];

/// Looks for each program on the PATH: a finding for each that is missing, or one for all.
pub(super) fn missing() -> Vec<Finding> {
    let missing = PROGRAMS.iter().filter_map(|(program, breaks, package)| {
        let seen = match *program {
            program if !is_on_the_path(program) => "not found",
            "nc" if !ends_with_its_input() => "another netcat, which has no -N",
            _ => return None,
        };
        let advice = format!("{breaks} (apt install {package})");
        Some(Finding::new(seen, State::Limited).about(program, &advice))
    });
    let all = format!("all {} that the chapters use", PROGRAMS.len());
    or_fine(missing, "programs", all)
}

/// Returns the packages of the programs that a system may come without, in order.
pub(super) fn packages() -> String {
    let packages = PROGRAMS.map(|(_, _, package)| package);
    let always = ["coreutils", "dash", "grep"];
    let packages: BTreeSet<_> = packages
        .into_iter()
        .filter(|package| !always.contains(package))
        .collect();
    packages.into_iter().collect::<Vec<_>>().join(" ")
}

/// Returns whether `nc` has the option -N, by which the netcat of OpenBSD sends EOF; those of Debian's `netcat-traditional`,
/// of busybox and of nmap do not have it.
fn ends_with_its_input() -> bool {
    let help = Command::new("nc").arg("-h").stdin(Stdio::null()).output();
    help.is_ok_and(|help| {
        let help = [help.stdout, help.stderr].concat();
        String::from_utf8_lossy(&help)
            .split_whitespace()
            .any(|word| word == "-N")
    })
}

fn is_on_the_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    files.any(|file| access(&file, AccessFlags::X_OK).is_ok() && file.is_file())
}
