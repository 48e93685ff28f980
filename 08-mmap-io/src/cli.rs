//! The command line: `stage-08 [--root DIR] [--http ADDR] [ADDR]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::bail;
use lexopt::{Arg, Parser};
use stage_01::cli::{default_address, parse_address, version};

const HELP: &str = "\
stage-08: an echo server that also serves files, from their mappings, over HTTP

Usage: stage-08 [OPTIONS] [ADDR]

Listen on ADDR, an IP and a port such as [::1]:7008 [default: 127.0.0.1:7008].
Port 0 picks a free one. The server prints the address when it is ready.

Options:
      --root DIR       Serve the files beneath DIR, too
      --http ADDR      Serve them at ADDR [default: 127.0.0.1:8008]
  -h, --help           Print this help
  -V, --version        Print the version";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// A text on standard output.
    Print(String),
    /// A server: the echo's address; the root, and the address of its files.
    Serve(SocketAddr, Option<(PathBuf, SocketAddr)>),
}

/// Reads the command line.
///
/// # Errors
///
/// Returns an error that names the bad argument.
pub(crate) fn parse(mut parser: Parser) -> anyhow::Result<Request> {
    let (mut text, mut address, mut root, mut http) = (None, None, None, None);
    // To the end, so that `--version=3` is a bad argument, too.
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(HELP.to_owned()),
            Arg::Short('V') | Arg::Long("version") => text = Some(version(8)),
            Arg::Long("root") => root = Some(parser.value()?.into()),
            Arg::Long("http") => http = Some(parse_address(&parser.value()?)?),
            Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
            other => return Err(other.unexpected().into()),
        }
    }
    if let Some(text) = text {
        return Ok(Request::Print(text));
    }
    if root.is_none() && http.is_some() {
        bail!("'--http' is of use with '--root' only");
    }
    let http = http.unwrap_or((Ipv4Addr::LOCALHOST, 8008).into());
    Ok(Request::Serve(
        address.unwrap_or(default_address(8)),
        root.map(|root| (root, http)),
    ))
}
