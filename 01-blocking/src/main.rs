//! `stage-01 [ADDR]`: the program around [`stage_01::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stage_01::cli::main(
        1,
        "an echo server that serves one client at a time",
        stage_01::run,
    )
}
