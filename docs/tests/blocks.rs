//! What the text shows of its sources is what they are. `cargo run -p book -- update` mends what is not.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use book::blocks::{Block, Kind, Output, parse};
use book::{Difference, compare, markdown_files, read, workspace};

/// Programs that some blocks need, and not every machine has. CI has them all.
const PROGRAMS: [&str; 5] = ["nc", "curl", "ps", "pgrep", "python3"];

/// Returns which of the programs a block needs are not here: those of its commands, which begin with `$ ` below a comment
/// `session:`, and stand in a comment `output:` itself.
fn missing(block: &Block, written: &str) -> Vec<&'static str> {
    let commands = match &block.kind {
        Kind::Output(output) => output.arguments.join(" "),
        Kind::Session(_) => {
            let commands = written.lines().filter(|line| line.starts_with("$ "));
            commands.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    };
    let words = || commands.split(|letter: char| !letter.is_ascii_alphanumeric());
    let search = env::var_os("PATH").unwrap_or_default();
    let is_here = |name: &str| env::split_paths(&search).any(|folder| folder.join(name).exists());
    let needed = PROGRAMS.into_iter();
    let needed = needed.filter(|name| words().any(|word| word == *name));
    needed.filter(|name| !is_here(name)).collect()
}

/// Compares all blocks of the wanted kinds, but for those that need a program which is not here.
fn in_step(wanted: fn(&Kind) -> bool) -> anyhow::Result<()> {
    let is_due = |path: &Path, block: &Block, written: &str| {
        let missing = match wanted(&block.kind) {
            true => missing(block, written),
            false => return false,
        };
        if !missing.is_empty() {
            assert!(env::var_os("CI").is_none(), "CI has to have {missing:?}");
            let file = path.strip_prefix(workspace()).unwrap_or(path).display();
            let line = block.line;
            // Not by eprintln: the harness hides what a test prints that passes.
            let _ = writeln!(
                io::stderr(),
                "skipped: {file}:{line}, because {missing:?} is not here"
            );
        }
        missing.is_empty()
    };
    let mut complaint = String::new();
    for Difference {
        path,
        line,
        comment,
        written,
        fresh,
    } in compare(is_due)?
    {
        writeln!(complaint, "{}:{line}: {comment}", path.display())?;
        writeln!(
            complaint,
            "what is written:\n{written}\nwhat should be:\n{fresh}"
        )?;
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
    let mut all = Vec::new();
    for path in markdown_files()? {
        let text = read(&path)?;
        all.extend(parse(&text)?.into_iter().filter_map(|block| {
            let is_due = missing(&block, &text[block.body.clone()]).is_empty();
            match block.kind.for_a_test() {
                Kind::Output(output) if is_due => Some(output),
                _ => None,
            }
        }));
    }
    // So that no other test has to make the experiments of the lessons.
    for number in 0..=8 {
        let lesson = ["lesson".to_owned(), format!("0{number}")];
        let is_shown = all.iter().any(|output| output.arguments == lesson);
        anyhow::ensure!(is_shown, "no chapter shows a part of {lesson:?}");
    }
    Output::run_all(all)?;
    in_step(|kind| matches!(kind, Kind::Output(_)))
}

#[test]
fn sessions_beside_a_server() -> anyhow::Result<()> {
    in_step(|kind| matches!(kind, Kind::Session(_)))
}
