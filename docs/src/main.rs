//! `cargo run -p book`: the program around the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    book::cli::main()
}
