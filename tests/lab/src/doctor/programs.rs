//! The programs on the PATH.

use nix::unistd::{AccessFlags, access};

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
    let missing = PROGRAMS
        .iter()
        .filter(|(program, ..)| !is_on_the_path(program));
    let missing: Vec<Finding> = missing
        .map(|(program, breaks, package)| Finding {
            what: program,
            seen: "not found".to_owned(),
            state: State::Limited,
            advice: format!("{breaks} (apt install {package})"),
        })
        .collect();
    if !missing.is_empty() {
        return missing;
    }
    vec![Finding {
        what: "programs",
        seen: format!("all {} that the chapters use", PROGRAMS.len()),
        state: State::Fine,
        advice: String::new(),
    }]
}

fn is_on_the_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    files.any(|file| access(&file, AccessFlags::X_OK).is_ok() && file.is_file())
}
