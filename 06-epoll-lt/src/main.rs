//! `stage-06 [ADDR]`: the program around [`stage_06::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(6, "an echo server on epoll, level-triggered", stage_06::run)
}
