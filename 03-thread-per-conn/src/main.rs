//! `stage-03 [ADDR]`: the program around [`stage_03::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(
        3,
        "an echo server that starts a thread for each client",
        stage_03::run,
    )
}
