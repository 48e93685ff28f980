//! `uring [ADDR]`: the program around [`beyond::uring::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    beyond::cli::main(
        "uring",
        "an echo server on io_uring, in one thread",
        7013,
        beyond::uring::run,
    )
}
