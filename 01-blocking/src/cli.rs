//! The command line, the same for every stage: `stage-0N [ADDR]`, `--help`, `--version`.

use std::ffi::OsStr;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use lexopt::{Arg, Parser};

use crate::{listen, report, say};

/// Runs stage `stage` as a program: reads the command line, listens, and hands the listener to `run`.
/// `about` is what `--help` says of it. Returns exit code 2 for a bad argument, 1 for any other error;
/// each error is one line on standard error.
pub fn main(stage: u16, about: &str, run: impl FnOnce(TcpListener) -> io::Result<()>) -> ExitCode {
    match parse(stage, about, Parser::from_env()) {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address)) => {
            exit(open(address).and_then(|listener| run(listener).context("cannot go on")))
        }
    }
}

enum Request {
    Print(String),
    Serve(SocketAddr),
}

fn parse(stage: u16, about: &str, mut parser: Parser) -> anyhow::Result<Request> {
    let mut text = None;
    let mut address = None;
    // Reads all arguments, so that `--version=3` is a bad one, too.
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(help(stage, about)),
            Arg::Short('V') | Arg::Long("version") => text = Some(version(stage)),
            Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(match text {
        Some(text) => Request::Print(text),
        None => Request::Serve(address.unwrap_or(default_address(stage))),
    })
}

/// Returns where stage `stage` listens without an ADDR: 127.0.0.1, port 7000 plus its number.
pub fn default_address(stage: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 7000 + stage).into()
}

fn help(stage: u16, about: &str) -> String {
    let default = default_address(stage);
    let port = default.port();
    format!(
        "stage-0{stage}: {about}\n\n\
         Usage: stage-0{stage} [OPTIONS] [ADDR]\n\n\
         Listen on ADDR, an IP and a port such as [::1]:{port} [default: {default}].\n\
         Port 0 picks a free one. The server prints the address when it is ready.\n\n\
         Options:\n\
        \x20 -h, --help           Print this help\n\
        \x20 -V, --version        Print the version"
    )
}

/// Returns the line of `--version`. All stages have the version of the workspace.
pub fn version(stage: u16) -> String {
    format!("stage-0{stage} {}", env!("CARGO_PKG_VERSION"))
}

/// Reads an address such as `127.0.0.1:7001` or `[::1]:7001`. Host names are not looked up.
///
/// # Errors
///
/// Returns an error that names `text` if it is no such address.
pub fn parse_address(text: &OsStr) -> anyhow::Result<SocketAddr> {
    let text = text.to_string_lossy();
    text.parse()
        .map_err(|_| anyhow!("'{text}' is not an address such as 127.0.0.1:7001 or [::1]:7001"))
}

/// [Listens](listen) on `address`.
///
/// # Errors
///
/// Returns the errors of [`listen`], with the address.
pub fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Returns the exit code of a program that is done: 0, or 1 with its error reported.
pub fn exit(outcome: anyhow::Result<()>) -> ExitCode {
    outcome.map_or_else(|error| fail(1, &error), |()| ExitCode::SUCCESS)
}

/// Reports `error` and its causes in one line, and returns `code`.
pub fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    report(format_args!("{error:#}"));
    ExitCode::from(code)
}
