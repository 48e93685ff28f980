//! Makes each fault of the zoo in a copy of the workspace, and sees that the cases which it names
//! turn red:
//!
//! ```text
//! cargo run -p zoo [PART OF A NAME …]
//! ```
//!
//! It needs `git`, which applies the patches.

use std::process::ExitCode;

use zoo::{Workbench, faults};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(green) => {
            println!("{green} faults were not noticed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("zoo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Gives how many faults were not noticed.
fn run(parts: &[String]) -> anyhow::Result<usize> {
    let workbench = Workbench::new("cases")?;
    let mut green = 0;
    for fault in faults(parts)? {
        let failed = workbench.run_cases(&fault)?;
        let missed = fault.red.difference(&failed);
        let missed: Vec<_> = missed.map(String::as_str).collect();
        let verdict = if missed.is_empty() { "red" } else { "GREEN" };
        println!("{verdict:<6}{:<40}{}", fault.name, missed.join(" "));
        green += usize::from(!missed.is_empty());
    }
    Ok(green)
}
