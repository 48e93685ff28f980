//! What git knows of a file. Without git, or outside of a repository, nothing is known.

use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the text of `file` in the last commit.
pub fn committed(workspace: &Path, file: &str) -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(workspace).stdin(Stdio::null());
    // `./`: relative to this folder, which need not be the top of the repository.
    let shown = git
        .arg("show")
        .arg(format!("HEAD:./{file}"))
        .output()
        .ok()?;
    shown
        .status
        .success()
        .then(|| String::from_utf8_lossy(&shown.stdout).into_owned())
}
