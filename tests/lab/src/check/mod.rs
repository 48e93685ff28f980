//! `cargo lab check`.

use clap::Args;

use crate::Lab;
use crate::cli::Verdict;
use crate::show::Output;

/// What can be asked of it.
#[derive(Debug, Args)]
pub struct Options {}

/// Runs the command.
///
/// # Errors
///
/// If it cannot be done here.
pub fn run(_lab: &Lab, _options: Options, _output: &mut Output) -> anyhow::Result<Verdict> {
    anyhow::bail!("not there yet")
}
