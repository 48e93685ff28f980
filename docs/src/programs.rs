//! The programs of the workspace, which Cargo builds when they are needed.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::workspace;

/// The program `name` of the package of that name, built from today's sources in the profile that this
/// program has.
///
/// # Errors
///
/// If it does not compile.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", name]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let built = build.status().context("cannot run cargo")?;
    ensure!(built.success(), "{name} does not compile");
    Ok(target_folder()?.join(name))
}

/// Cargo, at the top of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    cargo
}

/// The folder of this program, which the others are in, too. (Tests are a folder deeper.)
fn target_folder() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("this program does not find itself")?;
    let folders = program.ancestors().skip(1);
    let mut folders = folders.skip_while(|folder| folder.ends_with("deps"));
    let folder = folders.next().context("this program is in no folder")?;
    Ok(folder.to_owned())
}

/// Runs a command to its end without input, and gives what it wrote to standard output and standard error.
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
