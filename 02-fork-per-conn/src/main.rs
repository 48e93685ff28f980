//! `stage-02 [ADDR]`: the program around [`stage_02::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(
        2,
        "an echo server that forks a process for each client",
        stage_02::run,
    )
}
