//! The command lines: what the programs print, and what they refuse.

use assert_cmd::Command;
use predicates::prelude::*;

fn proxy(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut proxy = Command::new(suite::program(env!("CARGO_BIN_EXE_proxy")));
    proxy.args(arguments).timeout(suite::deadline()).assert()
}

#[test]
fn help_and_version_are_printed() {
    let usage = predicate::str::contains("Usage: proxy [OPTIONS] ADDR BACKEND");
    proxy(&["--help"]).success().stdout(usage);
    let version = concat!("proxy ", env!("CARGO_PKG_VERSION"), "\n");
    proxy(&["-V"]).success().stdout(version);
}

/// Exit code 2, and one line that names what is wrong.
#[test]
fn a_bad_argument_is_named_in_a_line() {
    let here = "127.0.0.1:0";
    let cases: [(&[&str], &str); 5] = [
        (&[], "two addresses are needed"),
        (&[here], "two addresses are needed"),
        (&[here, "backend"], "'backend' is not an address"),
        (&[here, here, here], here),
        (&["--version=3"], "--version"),
    ];
    for (arguments, words) in cases {
        let is_one = |text: &str| text.contains(words) && text.lines().count() == 1;
        let line = predicate::function(is_one);
        proxy(arguments).code(2).stderr(line).stdout("");
    }
}

#[test]
fn an_address_in_use_is_named_in_a_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0");
    let taken = taken.and_then(|taken| Ok((taken.local_addr()?, taken)));
    let (address, _taken) = taken.unwrap_or_else(|error| panic!("cannot listen: {error}"));
    let line = predicate::str::contains(format!("cannot listen on {address}"));
    let address = address.to_string();
    proxy(&[&address, &address]).code(1).stderr(line).stdout("");
}

#[test]
fn a_proxy_to_itself_is_refused_in_a_line() {
    let address = suite::proxy::nobody().to_string();
    let line = "proxy: cannot go on: the backend is the proxy itself\n";
    proxy(&[&address, &address]).code(1).stderr(line).stdout("");
}

/// The echo servers: the port without an address, and a bad value for an option, if there is one.
const ECHOES: [(&str, &str, u16, &[&str]); 5] = [
    (
        "pool",
        env!("CARGO_BIN_EXE_pool"),
        7010,
        // So large a queue does not fit into memory.
        &["--queue", "18446744073709551615"],
    ),
    (
        "timers",
        env!("CARGO_BIN_EXE_timers"),
        7011,
        &["--idle", "-1"],
    ),
    (
        "cores",
        env!("CARGO_BIN_EXE_cores"),
        7012,
        &["--listener", "both"],
    ),
    ("uring", env!("CARGO_BIN_EXE_uring"), 7013, &[]),
    ("reactor", env!("CARGO_BIN_EXE_reactor"), 7014, &[]),
];

fn echo_server(path: &str, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut server = Command::new(suite::program(path));
    server.args(arguments).timeout(suite::deadline()).assert()
}

#[test]
fn echo_servers_print_help_and_version() {
    for (name, path, port, _) in ECHOES {
        let usage = format!("Usage: {name} [OPTIONS] [ADDR]");
        let default = format!("[default: 127.0.0.1:{port}]");
        let both = predicate::str::contains(usage).and(predicate::str::contains(default));
        let is_narrow = predicate::function(|text: &str| text.lines().all(|line| line.len() <= 80));
        echo_server(path, &["-h"])
            .success()
            .stdout(both.and(is_narrow));
        let version = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        echo_server(path, &["--version"]).success().stdout(version);
    }
}

#[test]
fn echo_servers_name_a_bad_argument_in_a_line() {
    let here = "127.0.0.1:0";
    for (_, path, _, bad) in ECHOES {
        let mut cases: Vec<(Vec<&str>, &str)> = vec![
            (vec!["here"], "'here' is not an address"),
            (vec![""], "'' is not an address"),
            (vec![here, here], here),
            (vec!["--version=3"], "--version"),
            (vec!["--frobnicate", here], "--frobnicate"),
        ];
        if let [option, value] = bad {
            cases.push((vec![here, option, value], value));
            cases.push((vec![here, option], option));
        }
        for (arguments, words) in cases {
            let is_one = |text: &str| text.contains(words) && text.lines().count() == 1;
            let line = predicate::function(is_one);
            echo_server(path, &arguments)
                .code(2)
                .stderr(line)
                .stdout("");
        }
    }
}

#[test]
fn echo_servers_name_an_address_in_use_in_a_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0");
    let taken = taken.and_then(|taken| Ok((taken.local_addr()?, taken)));
    let (address, _taken) = taken.unwrap_or_else(|error| panic!("cannot listen: {error}"));
    for (_, path, ..) in ECHOES {
        let line = predicate::str::contains(format!("cannot listen on {address}: "));
        echo_server(path, &[&address.to_string()])
            .code(1)
            .stderr(line)
            .stdout("");
    }
}
