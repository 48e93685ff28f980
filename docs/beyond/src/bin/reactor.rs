//! `reactor [ADDR]`: the program around [`beyond::reactor::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    beyond::cli::main(
        "reactor",
        "an echo server whose clients are tasks of an executor",
        7010,
        beyond::reactor::run,
    )
}
