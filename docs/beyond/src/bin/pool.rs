//! `pool [OPTIONS] ADDR`: the program around [`beyond::pool::run`].

use std::process::ExitCode;

use anyhow::Context;
use beyond::options::{number, parse, run};
use stage_01::cli::open;

const HELP: &str = "\
pool: an echo server with a fixed number of threads, and a queue in front of them

Usage: pool [OPTIONS] ADDR

Listen on ADDR, an IP address and a port such as 127.0.0.1:7010; port 0 picks a
free one. The server prints the address when it is ready.

Options:
      --workers W      Serve W clients at the same time, a thread each [default: 4]
      --queue Q        Accept at most Q clients more, who wait [default: 16]
  -h, --help           Print this help
  -V, --version        Print the version";

fn main() -> ExitCode {
    let (mut workers, mut queue) = (4, 16);
    let request = parse(HELP, |option, parser| {
        match option {
            "workers" => workers = number(parser, 1)?,
            "queue" => queue = number(parser, 0)?,
            _ => return Ok(false),
        }
        Ok(true)
    });
    run(request, |address| {
        let listener = open(address)?;
        beyond::pool::run(listener, workers, queue).context("cannot go on")
    })
}
