//! `stage-03 [ADDR]`: the program around [`stage_03::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(3, "an echo server that starts a thread for each client");

fn main() -> ExitCode {
    PROGRAM.main(stage_03::run)
}
