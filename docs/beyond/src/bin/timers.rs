//! `timers [OPTIONS] ADDR`: the program around [`beyond::timers::run`].

use std::process::ExitCode;

use anyhow::Context;
use beyond::options::{parse, run, seconds};
use stage_01::cli::open;

const HELP: &str = "\
timers: an echo server on epoll that closes idle clients

Usage: timers [OPTIONS] ADDR

Listen on ADDR, an IP address and a port such as 127.0.0.1:7011; port 0 picks a
free one. The server prints the address when it is ready.

Options:
      --idle SECONDS   Close a client after so long without a byte [default: never]
  -h, --help           Print this help
  -V, --version        Print the version";

fn main() -> ExitCode {
    let mut idle = None;
    let request = parse(HELP, |option, parser| {
        match option {
            "idle" => idle = Some(seconds(parser)?),
            _ => return Ok(false),
        }
        Ok(true)
    });
    run(request, |address| {
        let listener = open(address)?;
        beyond::timers::run(listener, idle).context("cannot go on")
    })
}
