//! The command line: `stage-08 [--root DIR] [--http ADDR] [ADDR]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::bail;
use lexopt::{Arg, Parser};
use stage_01::cli::parse_address;

const HELP: &str = "\
stage-08: an echo server that also serves files, from their mappings, over HTTP

Usage: stage-08 [OPTIONS] [ADDR]

ADDR is an IP address and a port, [::1]:7008 for one. Without it, 127.0.0.1:7008.
Port 0 picks a free one. The address is printed when the server is ready.

Options:
      --root DIR       Serve the files beneath DIR, too
      --http ADDR      Serve them at ADDR [default: 127.0.0.1:8008]
  -h, --help           Print this help
  -V, --version        Print the version";

const VERSION: &str = concat!("stage-08 ", env!("CARGO_PKG_VERSION"));

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// A text on standard output.
    Print(&'static str),
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
            Arg::Short('h') | Arg::Long("help") => text = Some(HELP),
            Arg::Short('V') | Arg::Long("version") => text = Some(VERSION),
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
    let local = |port| (Ipv4Addr::LOCALHOST, port).into();
    let http = http.unwrap_or(local(8008));
    Ok(Request::Serve(
        address.unwrap_or(local(7008)),
        root.map(|root| (root, http)),
    ))
}
