//! `cargo lab doctor`.

use crate::Lab;
use crate::cli::Verdict;
use crate::show::Output;

/// Looks at the machine.
///
/// # Errors
///
/// Those of the output.
pub fn run(_lab: &Lab, _output: &mut Output) -> anyhow::Result<Verdict> {
    anyhow::bail!("not there yet")
}
