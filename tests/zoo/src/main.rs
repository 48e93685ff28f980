//! Makes each fault of the zoo in a copy of the workspace, and sees that the cases which it names
//! turn red:
//!
//! ```text
//! cargo run -p zoo [PART OF A NAME …]
//! ```
//!
//! It needs `git`, which applies the patches.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use lexopt::{Arg, Parser, ValueExt};
use zoo::{Cases, Fault, Look, faults, for_each, look_at};

const HELP: &str = "\
Make each fault in a copy of the workspace, and check that it turns the cases red that it names

Usage: cargo run -p zoo -- [PART OF A NAME]...

Arguments:
  [PART OF A NAME]...  Try the faults with one of these in their names [default: all]

Options:
  -h, --help  Print help
";

fn main() -> ExitCode {
    let parts = match parts(Parser::from_env()) {
        Ok(Some(parts)) => parts,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("zoo: {error}");
            return ExitCode::from(2);
        }
    };
    match run(&parts) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("zoo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the parts of names that are asked for, or `None` for `--help`.
fn parts(mut arguments: Parser) -> Result<Option<Vec<String>>, lexopt::Error> {
    let (mut parts, mut wants_help) = (Vec::new(), false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => wants_help = true,
            Arg::Value(part) => parts.push(part.string()?),
            unknown => return Err(unknown.unexpected()),
        }
    }
    Ok((!wants_help).then_some(parts))
}

/// Returns how many faults are not what they say.
fn run(parts: &[String]) -> anyhow::Result<usize> {
    let (began, faults) = (Instant::now(), faults(parts)?);
    let (all, unnoticed) = (faults.len(), AtomicUsize::new(0));
    for part in parts {
        let is_there = faults.iter().any(|fault| fault.name.contains(part));
        anyhow::ensure!(is_there, "no fault has {part} in its name");
    }
    for_each(faults, Cases::Named, |made, fault| {
        let look = look_at(made, fault)?;
        unnoticed.fetch_add(usize::from(!look.is_good()), Relaxed);
        println!("{}", line(fault, &look));
        Ok(())
    })?;
    let (unnoticed, took) = (unnoticed.into_inner(), began.elapsed().as_secs());
    println!("{all} faults in {took} s, {unnoticed} of them not as they say");
    Ok(unnoticed)
}

fn line(fault: &Fault, look: &Look) -> String {
    let words = |cases: &std::collections::BTreeSet<String>| {
        cases
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let word = match (look.green.is_empty(), look.breaks_all) {
        (true, false) => "red",
        (true, true) => "WRECK",
        (false, _) => "GREEN",
    };
    let mut line = format!(
        "{word:<5} {:>5.1} s  {}: {}",
        look.took.as_secs_f64(),
        fault.name,
        words(&look.red)
    );
    if !look.green.is_empty() {
        line += &format!("; not red: {}", words(&look.green));
    }
    if look.breaks_all {
        line += "; and the controls, so that it shows nothing";
    }
    line
}
