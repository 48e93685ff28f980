//! `proxy ADDR BACKEND`: the program around [`beyond::proxy::run`].

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use lexopt::{Arg, Parser};
use stage_01::cli::{exit, fail, open, parse_address};

const HELP: &str = "\
proxy: connects every client to a backend, and passes on what each of them sends

Usage: proxy [OPTIONS] ADDR BACKEND

Listen on ADDR, an IP address and a port such as 127.0.0.1:7009; port 0 picks a
free one. Connect each client to BACKEND, an address of the same form.
The proxy prints its own address when it is ready.

Options:
  -h, --help           Print this help
  -V, --version        Print the version";

enum Request {
    Print(String),
    Serve(SocketAddr, SocketAddr),
}

fn main() -> ExitCode {
    match parse(Parser::from_env()) {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(stage_01::say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address, backend)) => exit(
            open(address)
                .and_then(|listener| beyond::proxy::run(listener, backend).context("cannot go on")),
        ),
    }
}

fn parse(mut parser: Parser) -> anyhow::Result<Request> {
    let mut text = None;
    let mut addresses = Vec::new();
    // Reads all arguments, so that `--version=3` is a bad one, too.
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(HELP.to_owned()),
            Arg::Short('V') | Arg::Long("version") => {
                text = Some(concat!("proxy ", env!("CARGO_PKG_VERSION")).to_owned());
            }
            Arg::Value(value) if addresses.len() < 2 => addresses.push(parse_address(&value)?),
            other => return Err(other.unexpected().into()),
        }
    }
    match (text, &addresses[..]) {
        (Some(text), _) => Ok(Request::Print(text)),
        (None, &[address, backend]) => Ok(Request::Serve(address, backend)),
        (None, _) => Err(anyhow!("two addresses are needed: ADDR and BACKEND")),
    }
}
