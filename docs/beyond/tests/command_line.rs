//! The command line of the proxy: what it prints, and what it refuses.

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
