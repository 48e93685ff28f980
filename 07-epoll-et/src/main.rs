//! `stage-07 [ADDR]`: the program around [`stage_07::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(7, "an echo server on epoll, edge-triggered", stage_07::run)
}
