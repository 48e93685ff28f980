//! `cores [OPTIONS] [ADDR]`: the program around [`beyond::cores::run`].

use std::process::ExitCode;
use std::thread;

use anyhow::Context;
use beyond::cli::{Program, number, serve};
use beyond::cores::Listening;

const PROGRAM: Program = Program {
    name: "cores",
    about: "an echo server with an event loop for each CPU core",
    port: 7012,
    options: "      --loops N        Run N loops, a thread each [default: one for each core].
                       At the end, each says on standard error what it has done
      --listener HOW   Share the address in this way [default: reuseport]:
                       reuseport  a listener for each loop (SO_REUSEPORT)
                       shared     one listener, watched by all loops
                       exclusive  the same, with EPOLLEXCLUSIVE
",
};

fn main() -> ExitCode {
    let mut loops = thread::available_parallelism().map_or(1, usize::from);
    let mut how = Listening::default();
    let request = PROGRAM.parse(|option, parser| {
        match option {
            "loops" => loops = number(parser, 1..=10_000)?,
            "listener" => how = parser.value()?.to_string_lossy().parse()?,
            _ => return Ok(false),
        }
        Ok(true)
    });
    serve(request, |address| {
        let listeners = how.open(address, loops);
        let listeners = listeners.with_context(|| format!("cannot listen on {address}"))?;
        beyond::cores::run(listeners, how).context("cannot go on")
    })
}
