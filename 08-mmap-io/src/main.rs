//! `stage-08 [--root DIR] [--http ADDR] [ADDR]`: the program around [`stage_08::run`] and
//! [`stage_08::run_with_files`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use lexopt::{Arg, Parser};
use stage_01::cli::{default_address, exit, fail, open, parse_address, version};
use stage_01::say;
use stage_08::pages::Root;
use stage_08::{Site, Timeouts};

const HELP: &str = "\
stage-08: an echo server that also serves files, from their mappings, over HTTP

Usage: stage-08 [OPTIONS] [ADDR]

Listens on ADDR, an IP address and a port such as [::1]:7008 [default: 127.0.0.1:7008].
Port 0 picks a free one. The server prints the address when it is ready.

Options:
      --root DIR       Serve the files beneath DIR, too
      --http ADDR      Serve them at ADDR [default: 127.0.0.1:8008]
  -h, --help           Print this help
  -V, --version        Print the version";

enum Request {
    Print(String),
    Serve(SocketAddr, Option<(PathBuf, SocketAddr)>),
}

fn main() -> ExitCode {
    match parse(Parser::from_env()) {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address, files)) => exit(serve(address, files)),
    }
}

fn parse(mut parser: Parser) -> anyhow::Result<Request> {
    let (mut text, mut address, mut root, mut http) = (None, None, None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(HELP.to_owned()),
            Arg::Short('V') | Arg::Long("version") => text = Some(version(8)),
            Arg::Long("root") => root = Some(PathBuf::from(parser.value()?)),
            Arg::Long("http") => http = Some(parse_address(&parser.value()?)?),
            Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
            other => return Err(other.unexpected().into()),
        }
    }
    if root.is_none() && http.is_some() {
        bail!("'--http' is of use with '--root' only");
    }
    let http = http.unwrap_or((Ipv4Addr::LOCALHOST, 8008).into());
    let address = address.unwrap_or(default_address(8));
    Ok(match text {
        Some(text) => Request::Print(text),
        None => Request::Serve(address, root.map(|root| (root, http))),
    })
}

fn serve(address: SocketAddr, files: Option<(PathBuf, SocketAddr)>) -> anyhow::Result<()> {
    let Some((root, http)) = files else {
        return stage_08::run(open(address)?).context("cannot go on");
    };
    let directory = root.display();
    let root = Root::open(&root).with_context(|| format!("cannot serve {directory}"))?;
    let listener = open(address)?;
    let http = open(http)?;
    let site = Site::new(root, Timeouts::default());
    stage_08::run_with_files(listener, http, site).context("cannot go on")
}
