//! The programs on the PATH.

use nix::unistd::{AccessFlags, access};

use super::findings::finding;
use super::{Finding, State};

/// The programs that the chapters have a reader type, and what breaks without each.
const PROGRAMS: [(&str, &str); 20] = [
    (
        "nc",
        "the clients by hand: the netcat of OpenBSD, which knows -N (apt install netcat-openbsd)",
    ),
    (
        "curl",
        "chapter 08, which asks for files by HTTP (apt install curl)",
    ),
    (
        "ss",
        "chapters 00 and 01: the kernel's list of sockets and queues (apt install iproute2)",
    ),
    (
        "strace",
        "the system calls of a running server by hand (apt install strace)",
    ),
    (
        "python3",
        "the tests of the lab that judge servers in Python; the lessons do without (apt install python3)",
    ),
    ("kill", "signals by hand (apt install procps)"),
    (
        "pgrep",
        "finding a server's process by its name (apt install procps)",
    ),
    (
        "ps",
        "processes, threads and their states (apt install procps)",
    ),
    ("prlimit", "limits of a process (apt install util-linux)"),
    ("taskset", "a server on one core (apt install util-linux)"),
    (
        "git",
        "the breaks: git makes them and undoes them (apt install git)",
    ),
    (
        "timeout",
        "an end for what would not end (apt install coreutils)",
    ),
    ("cat", "looking at /proc (apt install coreutils)"),
    ("ls", "looking at /proc (apt install coreutils)"),
    (
        "head",
        "the beginning of something long (apt install coreutils)",
    ),
    ("wc", "counting lines and bytes (apt install coreutils)"),
    ("printf", "exact input for a client (apt install coreutils)"),
    ("yes", "input without end (apt install coreutils)"),
    ("grep", "picking lines (apt install grep)"),
    (
        "sh",
        "the shell in which all of it is typed (apt install dash)",
    ),
];

/// Looks for each program on the PATH: a row for each that is missing, or one for all.
pub(super) fn missing() -> Vec<Finding> {
    let missing: Vec<Finding> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_on_the_path(program))
        .map(|(program, advice)| finding(program, "not found", State::Limited, advice))
        .collect();
    if !missing.is_empty() {
        return missing;
    }
    let seen = format!("all {} that the chapters use", PROGRAMS.len());
    vec![finding("programs", seen, State::Fine, "")]
}

fn is_on_the_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    files.any(|file| access(&file, AccessFlags::X_OK).is_ok() && file.is_file())
}
