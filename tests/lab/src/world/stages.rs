//! The stages as programs, built when they are needed.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
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

/// Returns the program of the package `name`, made of today's sources: by Cargo, if it is older. The profile is
/// the one that this program was built with.
///
/// # Errors
///
/// If it does not compile, or there is no Cargo.
pub fn build(name: &str) -> anyhow::Result<PathBuf> {
    let program = target_folder()?.join(name);
    if is_current(&program) {
        return Ok(program);
    }
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
    Ok(program)
}

/// Returns whether a program is newer than all that it was made of, as Cargo lists it in a file beside the program.
/// (To ask Cargo takes longer than many an experiment, and a test run has built the stages already.)
fn is_current(program: &Path) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
    let list = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let (Some(built), Some((_, sources))) = (time(program), list.trim_end().split_once(": "))
    else {
        return false;
    };
    // A space in a name has a backslash before it.
    let sources = sources.replace("\\ ", "\0");
    let sources = sources
        .split(' ')
        .map(|name| PathBuf::from(name.replace('\0', " ")));
    let manifests = ["Cargo.toml", "Cargo.lock"].map(|name| workspace().join(name));
    sources
        .chain(manifests)
        .all(|file| time(&file).is_some_and(|changed| changed <= built))
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
