//! `stage-05 [ADDR]`: the program around [`stage_05::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(5, "an echo server on poll, in one thread", stage_05::run)
}
