//! `stage-07 [ADDR]`: the program around [`stage_07::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(7, "an echo server on epoll, edge-triggered");

fn main() -> ExitCode {
    PROGRAM.main(stage_07::run)
}
