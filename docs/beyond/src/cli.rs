//! The command line of an echo server, as the stages have it: `NAME [ADDR]`, `--help`, `--version`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::Context;
use lexopt::{Arg, Parser};
use stage_01::cli::{exit, fail, open, parse_address};

/// Runs a server as the program `name`: reads the command line, listens, on `port` of 127.0.0.1 without an ADDR, and
/// hands the listener to `run`. `about` is what `--help` says of it. Returns exit code 2 for a bad argument, 1 for any
/// other error; each error is one line on standard error.
pub fn main(
    name: &str,
    about: &str,
    port: u16,
    run: impl FnOnce(TcpListener) -> io::Result<()>,
) -> ExitCode {
    let default = (Ipv4Addr::LOCALHOST, port).into();
    match parse(name, about, default, Parser::from_env()) {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(stage_01::say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address)) => {
            exit(open(address).and_then(|listener| run(listener).context("cannot go on")))
        }
    }
}

enum Request {
    Print(String),
    Serve(SocketAddr),
}

fn parse(
    name: &str,
    about: &str,
    default: SocketAddr,
    mut parser: Parser,
) -> anyhow::Result<Request> {
    let mut text = None;
    let mut address = None;
    // Reads all arguments, so that `--version=3` is a bad one, too.
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(help(name, about, default)),
            Arg::Short('V') | Arg::Long("version") => {
                text = Some(format!("{name} {}", env!("CARGO_PKG_VERSION")));
            }
            Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(match text {
        Some(text) => Request::Print(text),
        None => Request::Serve(address.unwrap_or(default)),
    })
}

fn help(name: &str, about: &str, default: SocketAddr) -> String {
    let port = default.port();
    format!(
        "{name}: {about}\n\n\
         Usage: {name} [OPTIONS] [ADDR]\n\n\
         Listen on ADDR, an IP address and a port such as [::1]:{port} [default: {default}].\n\
         Port 0 picks a free one. The server prints the address when it is ready.\n\n\
         Options:\n\
        \x20 -h, --help           Print this help\n\
        \x20 -V, --version        Print the version"
    )
}
