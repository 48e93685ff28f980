//! Stage 8 serves the book.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use lab::world::build;

/// Becomes stage 8, which serves `folder` at `http` and says so.
///
/// # Errors
///
/// If stage 8 does not compile, or cannot be run.
pub fn serve(folder: &Path, http: SocketAddr) -> anyhow::Result<()> {
    let stage = build("stage-08")?;
    let mut command = Command::new(&stage);
    command.arg("--root").arg(folder);
    command.args(["--http", &http.to_string()]);
    // The echo of this one is in nobody's way.
    command.arg("127.0.0.1:0");
    Err(command.exec()).with_context(|| format!("cannot run {}", stage.display()))
}
