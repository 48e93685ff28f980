//! `timers [OPTIONS] [ADDR]`: the program around [`beyond::timers::run`].

use std::process::ExitCode;

use anyhow::Context;
use beyond::cli::{Program, seconds, serve};
use stage_01::cli::open;

const PROGRAM: Program = Program {
    name: "timers",
    about: "an echo server on epoll that closes idle clients",
    port: 7011,
    options: "      --idle SECONDS   Close a client after SECONDS of silence [default: never]
",
};

fn main() -> ExitCode {
    let mut idle = None;
    let request = PROGRAM.parse(|option, parser| {
        match option {
            "idle" => idle = Some(seconds(parser)?),
            _ => return Ok(false),
        }
        Ok(true)
    });
    serve(request, |address| {
        let listener = open(address)?;
        beyond::timers::run(listener, idle).context("cannot go on")
    })
}
