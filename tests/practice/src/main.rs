//! Tries every task and every hunt in copies of the workspace: each hole, each wrong solution, each symptom.
//!
//! ```text
//! cargo run -p practice -- verify [--stories] [START OF A NUMBER …]
//! ```
//!
//! `04` is the tasks of stage 4, `hunt07` a hunt. Without a number it is all of them, divided among six processes:
//! each waits most of the time, and takes what no other one has begun.

use std::process::{Command, ExitCode};

use practice::verify::{Share, all, begin};

/// How many processes try all of it.
const PROCESSES: usize = 6;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let verdict = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["verify", ..] => divide(&words[1..]),
        ["share", share, of, ..] => share_of(share, of, &words[3..]),
        _ => {
            eprintln!(
                "practice: cargo run -p practice -- verify [--stories] [START OF A NUMBER …]"
            );
            return ExitCode::from(2);
        }
    };
    match verdict {
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

/// Tries one process's share, as [`divide`] asks for it.
fn share_of(share: &str, of: &str, words: &[String]) -> anyhow::Result<usize> {
    let share = Share {
        share: share.parse()?,
        of: of.parse()?,
    };
    match words.split_first() {
        Some((first, parts)) if first == "--stories" => all(parts, true, share),
        _ => all(words, false, share),
    }
}

/// Has other processes of this program try a share each: each ends all of its descendants when a case hangs. Returns how
/// many of them have found something.
fn divide(words: &[String]) -> anyhow::Result<usize> {
    let program = std::env::current_exe()?;
    let of = if words.is_empty() { PROCESSES } else { 1 };
    begin()?;
    let start = |share: usize| {
        let mut command = Command::new(&program);
        command.args(["share", &share.to_string(), &of.to_string()]);
        command.args(words).spawn()
    };
    let children = (0..of).map(start).collect::<Result<Vec<_>, _>>()?;
    let mut faults = 0;
    for mut child in children {
        faults += usize::from(!child.wait()?.success());
    }
    Ok(faults)
}
