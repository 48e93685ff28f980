//! `uring [ADDR]`: the program around [`beyond::uring::run`].

use std::process::ExitCode;

use beyond::cli::Program;

fn main() -> ExitCode {
    let uring = Program {
        name: "uring",
        about: "an echo server on io_uring, in one thread",
        port: 7013,
        options: "",
    };
    uring.main(beyond::uring::run)
}
