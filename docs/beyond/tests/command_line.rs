//! The command lines: what the programs print, and what they refuse.

use assert_cmd::Command;
use predicates::prelude::*;

fn proxy(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut proxy = Command::new(env!("CARGO_BIN_EXE_proxy"));
    proxy.args(arguments).assert()
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

/// An echo server has the command line of a stage.
#[test]
fn an_echo_server_takes_an_address_or_none() {
    let uring = |arguments: &[&str]| {
        let mut uring = Command::new(env!("CARGO_BIN_EXE_uring"));
        uring.args(arguments).assert()
    };
    let usage = predicate::str::contains("Usage: uring [OPTIONS] [ADDR]");
    let default = predicate::str::contains("[default: 127.0.0.1:7013]");
    uring(&["-h"]).success().stdout(usage.and(default));
    let version = concat!("uring ", env!("CARGO_PKG_VERSION"), "\n");
    uring(&["--version"]).success().stdout(version);
    for bad in ["nonsense", "-x", "--version=3", ""] {
        let is_one = |text: &str| text.starts_with("uring: ") && text.lines().count() == 1;
        let line = predicate::function(is_one);
        uring(&[bad]).code(2).stderr(line).stdout("");
    }
    let elsewhere = predicate::str::contains("cannot listen on 192.0.2.1:7000: ");
    uring(&["192.0.2.1:7000"]).code(1).stderr(elsewhere);
}
