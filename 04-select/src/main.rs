//! `stage-04 [ADDR]`: the program around [`stage_04::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(4, "an echo server on select, in one thread");

fn main() -> ExitCode {
    PROGRAM.main(stage_04::run)
}
