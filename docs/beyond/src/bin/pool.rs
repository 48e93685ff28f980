//! `pool [OPTIONS] [ADDR]`: the program around [`beyond::pool::run`].

use std::process::ExitCode;

use anyhow::Context;
use beyond::cli::{Program, number, serve};
use stage_01::cli::open;

const PROGRAM: Program = Program {
    name: "pool",
    about: "an echo server with a fixed number of threads and a queue",
    port: 7010,
    options: "      --workers W      Serve W clients at a time, a thread each [default: 4]
      --queue Q        Accept at most Q more clients, which wait [default: 16]
",
};

fn main() -> ExitCode {
    let (mut workers, mut queue) = (4, 16);
    let request = PROGRAM.parse(|option, parser| {
        match option {
            "workers" => workers = number(parser, 1..=10_000)?,
            "queue" => queue = number(parser, 0..=1_000_000)?,
            _ => return Ok(false),
        }
        Ok(true)
    });
    serve(request, |address| {
        let listener = open(address)?;
        beyond::pool::run(listener, workers, queue).context("cannot go on")
    })
}
