//! The stages as programs, built when they are needed.

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, ensure};

use super::workspace;

/// Which stages were built by this process.
#[derive(Debug, Default)]
pub(super) struct Stages {
    built: Mutex<BTreeSet<u8>>,
}

impl Stages {
    /// The program of stage `number`: see [`build`].
    pub(super) fn program(&self, number: u8) -> anyhow::Result<PathBuf> {
        let name = format!("stage-{number:02}");
        // A thread that waits here waits for the compiler anyway.
        let mut built = self.built.lock().unwrap_or_else(|error| error.into_inner());
        if built.contains(&number) {
            return Ok(target_folder()?.join(name));
        }
        let program = build(&name)?;
        built.insert(number);
        Ok(program)
    }
}

/// The program of the package `name`. Cargo sees to it that it is that of today's sources; the profile is
/// the one that this program was built with.
///
/// # Errors
///
/// If it does not compile, or there is no Cargo.
pub fn build(name: &str) -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", name]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let built = command.status();
    let built = built.context("cannot run cargo, which builds the stages")?;
    ensure!(
        built.success(),
        "{name} could not be built: cargo says why above"
    );
    Ok(target_folder()?.join(name))
}

/// Cargo, at the top of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    cargo
}

/// The folder of this program, which those of the stages are in, too. (Tests are a folder deeper.)
fn target_folder() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("the lab does not find itself")?;
    let folders = program.ancestors().skip(1);
    let mut folders = folders.skip_while(|folder| folder.ends_with("deps"));
    let folder = folders.next().context("the lab is in no folder")?;
    Ok(folder.to_owned())
}
