//! The command line of `cargo run -p book`.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{build, markdown_files, measure, serve, update};

/// The book of the course: builds it, and has stage 8 serve it.
#[derive(Debug, Parser)]
#[command(name = "book", version, max_term_width = 80)]
struct Arguments {
    /// Where stage 8 serves the book
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8009")]
    http: SocketAddr,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build it into target/book, and do not serve it
    Build,
    /// Measure what the text shows of times, and draw its curves: two minutes, on a machine at rest
    Measure,
    /// Fill in anew what the text shows of code, outputs and differences
    Update {
        /// Chapters by a part of their names; all, if none is named
        names: Vec<String>,
    },
}

/// The whole of `main`: exit code 1 and one line if something fails, 2 if the arguments are bad.
pub fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be there to read it.
            let _ = writeln!(io::stderr(), "book: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether `words`, which follow `cargo run -p book --`, can be understood. Nothing is done.
///
/// # Errors
///
/// What is wrong with them.
pub fn check<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), clap::Error> {
    Arguments::try_parse_from(["book"].into_iter().chain(words)).map(drop)
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        None => serve(&build(None)?, arguments.http),
        Some(Command::Build) => {
            let folder = build(None)?;
            say(&folder.join("index.html"))
        }
        Some(Command::Measure) => measure(),
        Some(Command::Update { names }) => fill_in(&names),
    }
}

/// Prints a path. A reader that has left is no error: `cargo run -p book -- update | head -1`.
fn say(path: &Path) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{}", path.display()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        _ => Ok(()),
    }
}

fn fill_in(names: &[String]) -> anyhow::Result<()> {
    for path in markdown_files()? {
        let shown = path.display().to_string();
        if !names.is_empty() && !names.iter().any(|name| shown.contains(name)) {
            continue;
        }
        if update(&path).with_context(|| shown.clone())? {
            say(&path)?;
        }
    }
    Ok(())
}
