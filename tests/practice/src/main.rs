//! Tries every task and every hunt in a copy of the workspace: each hole, each wrong solution, each symptom.
//!
//! ```text
//! cargo run -p practice -- verify [--stories] [START OF A NUMBER …]
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let stories = words.iter().any(|word| word == "--stories");
    words.retain(|word| word != "--stories");
    if words.first().map(String::as_str) != Some("verify") {
        eprintln!("practice: cargo run -p practice -- verify [--stories] [START OF A NUMBER …]");
        return ExitCode::from(2);
    }
    match practice::verify::all(&words[1..], stories) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(faults) => {
            println!("{faults} are not as they should be");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("practice: {error:#}");
            ExitCode::FAILURE
        }
    }
}
