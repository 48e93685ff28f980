//! What the text shows of its sources is what they are. `cargo run -p book -- update` mends what is not.

use std::env;
use std::fmt::Write;

use book::blocks::Kind;
use book::{compare, markdown_files};

/// Compares all blocks of the wanted kinds.
fn in_step(wanted: fn(&Kind) -> bool) -> anyhow::Result<()> {
    let mut complaint = String::new();
    for path in markdown_files()? {
        for difference in
            compare(&path, wanted).map_err(|e| e.context(path.display().to_string()))?
        {
            let book::Difference {
                line,
                comment,
                written,
                fresh,
            } = difference;
            writeln!(complaint, "{}:{line}: {comment}", path.display())?;
            writeln!(
                complaint,
                "what is written:\n{written}\nwhat should be:\n{fresh}"
            )?;
        }
    }
    anyhow::ensure!(
        complaint.is_empty(),
        "out of step; `cargo run -p book -- update` fills it in anew.\n{complaint}"
    );
    Ok(())
}

#[test]
fn code_differences_faults_and_statements() -> anyhow::Result<()> {
    in_step(|kind| !matches!(kind, Kind::Output(_) | Kind::Session(_)))
}

#[test]
fn outputs_of_the_lab() -> anyhow::Result<()> {
    in_step(|kind| matches!(kind, Kind::Output(_)))
}

/// The programs that the sessions need, and not every machine has.
const PROGRAMS: [&str; 2] = ["nc", "curl"];

#[test]
fn sessions_beside_a_server() -> anyhow::Result<()> {
    let search = env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &&str| env::split_paths(&search).any(|folder| folder.join(name).exists());
    if !PROGRAMS.iter().all(is_there) {
        anyhow::ensure!(env::var_os("CI").is_none(), "CI has to have {PROGRAMS:?}");
        eprintln!("not compared: that takes {PROGRAMS:?}");
        return Ok(());
    }
    in_step(|kind| matches!(kind, Kind::Session(_)))
}
