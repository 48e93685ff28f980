//! `cargo lab …`: the program around the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::main()
}
