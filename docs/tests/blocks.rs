//! What the text shows of its sources is what they are. `cargo run -p book -- update` mends what is not.

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

#[test]
fn sessions_beside_a_server() -> anyhow::Result<()> {
    in_step(|kind| matches!(kind, Kind::Session(_)))
}
