//! `cores [OPTIONS] ADDR`: the program around [`beyond::cores::run`].

use std::process::ExitCode;
use std::thread;

use anyhow::Context;
use beyond::cores::Listening;
use beyond::options::{number, parse, run};

const HELP: &str = "\
cores: an echo server with an event loop for each CPU core

Usage: cores [OPTIONS] ADDR

Listen on ADDR, an IP address and a port such as 127.0.0.1:7012; port 0 picks a
free one. The server prints the address when it is ready. When it ends, it says
on standard error what each loop has done.

Options:
      --loops N        Run N loops, a thread each [default: one for each core]
      --listener HOW   Share the address in this way [default: reuseport]:
                       reuseport  a listener for each loop (SO_REUSEPORT)
                       shared     one listener, watched by all loops
                       exclusive  the same, with EPOLLEXCLUSIVE
  -h, --help           Print this help
  -V, --version        Print the version";

fn main() -> ExitCode {
    let mut loops = thread::available_parallelism().map_or(1, usize::from);
    let mut how = Listening::default();
    let request = parse(HELP, |option, parser| {
        match option {
            "loops" => loops = number(parser, 1)?,
            "listener" => how = parser.value()?.to_string_lossy().parse()?,
            _ => return Ok(false),
        }
        Ok(true)
    });
    run(request, |address| {
        let listeners = how.open(address, loops);
        let listeners = listeners.with_context(|| format!("cannot listen on {address}"))?;
        beyond::cores::run(listeners, how).context("cannot go on")
    })
}
