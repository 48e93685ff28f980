//! `stage-06 [ADDR]`: the program around [`stage_06::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(6, "an echo server on epoll, level-triggered");

fn main() -> ExitCode {
    PROGRAM.main(stage_06::run)
}
