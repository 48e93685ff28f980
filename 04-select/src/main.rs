//! `stage-04 [ADDR]`: the program around [`stage_04::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(4, "an echo server on select, in one thread", stage_04::run)
}
