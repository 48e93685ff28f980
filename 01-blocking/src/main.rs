//! `stage-01 [ADDR]`: the program around [`stage_01::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(1, "an echo server that serves one client at a time");

fn main() -> ExitCode {
    PROGRAM.main(stage_01::run)
}
