//! `stage-02 [ADDR]`: the program around [`stage_02::run`].

use std::process::ExitCode;

use stage_01::cli::Program;

const PROGRAM: Program = Program::new(2, "an echo server that forks a process for each client");

fn main() -> ExitCode {
    PROGRAM.main(stage_02::run)
}
