//! `reactor [ADDR]`: the program around [`beyond::reactor::run`].

use std::process::ExitCode;

use beyond::cli::Program;

fn main() -> ExitCode {
    let reactor = Program {
        name: "reactor",
        about: "an echo server whose clients are tasks of an executor",
        port: 7014,
        options: "",
    };
    reactor.main(beyond::reactor::run)
}
