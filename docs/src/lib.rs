//! The book of the course: its text in `chapters`, and what keeps text and code in step.
//!
//! Nothing in the text is copied by hand. A comment in the Markdown names a source, the [block](blocks) below
//! it is filled in by [`update()`], and a test compares the two. [`pages`] makes a chapter into what the browser
//! shows: pictures that follow the theme, links to the code, the code itself. [`build()`] has mdBook write it all, and
//! [`serve()`] has stage 8 serve it.

mod at_once;
pub mod blocks;
mod build;
pub mod cli;
mod measure;
pub mod pages;
mod prose;
pub mod scenario;
mod serve;
mod update;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

pub use build::build;
pub use measure::measure;
pub use prose::Prose;
pub use serve::serve;
pub use update::{Difference, compare, update};

/// The top of the workspace.
pub fn workspace() -> &'static Path {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR"));
    docs.parent().unwrap_or(docs)
}

/// The folder of the text.
pub fn chapters() -> PathBuf {
    workspace().join("docs/chapters")
}

/// All files of the text, in alphabetic order.
///
/// # Errors
///
/// Returns the errors of the file system.
pub fn markdown_files() -> anyhow::Result<Vec<PathBuf>> {
    let folder = chapters();
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a file, and names it if that fails.
///
/// # Errors
///
/// Returns the errors of the file system.
pub fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Runs a command at the top of the workspace to its end, without input, and gives what it wrote to standard
/// output and standard error.
///
/// # Errors
///
/// If it cannot be run, or writes what is not UTF-8. Its exit code is its own affair.
pub fn run_quietly(command: &mut Command) -> anyhow::Result<(String, String)> {
    let command = command.current_dir(workspace()).stdin(Stdio::null());
    let output = command.output();
    let output = output.with_context(|| format!("cannot run {command:?}"))?;
    Ok((
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}
