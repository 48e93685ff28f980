//! `stage-05 [ADDR]`: the program around [`stage_05::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(5, "an echo server on poll, in one thread");

fn main() -> ExitCode {
    PROGRAM.main(stage_05::run)
}
