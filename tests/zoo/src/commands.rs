//! The programs that the zoo has work for it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// Returns Cargo, in a folder.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder);
    cargo
}

/// Returns git, in a folder.
pub(crate) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    git
}

/// Runs a command to its end, and returns what it printed.
///
/// # Errors
///
/// Returns an error with the command's complaint if it fails.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}
