//! The echoes on tokio and mio, built in their own workspace.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use lab::world::cargo;
use serde_json::Value;
use suite::workspace;

/// What was built.
pub(crate) struct Built {
    programs: PathBuf,
}

const MANIFEST: &str = "docs/beyond/runtimes/Cargo.toml";

/// Builds both programs, with the versions that are locked. Says why, and returns `None`, if the crates are not available: on a
/// machine without a network. CI has one.
pub(crate) fn programs() -> anyhow::Result<Option<Built>> {
    let target = workspace().join("docs/beyond/runtimes/target");
    let mut build = own_cargo("build");
    build.arg("--release").arg("--target-dir").arg(&target);
    let built = build.output().context("cannot run cargo")?;
    if built.status.success() {
        let programs = target.join("release");
        return Ok(Some(Built { programs }));
    }
    let complaint = String::from_utf8_lossy(&built.stderr);
    let cannot_be_had = !complaint.contains("could not compile");
    ensure!(cannot_be_had && env::var_os("CI").is_none(), "{complaint}");
    // Not by eprintln: the harness hides what a test prints that passes.
    writeln!(
        io::stderr(),
        "skipped, because tokio and mio are not available: {complaint}"
    )?;
    Ok(None)
}

fn own_cargo(command: &str) -> Command {
    let mut cargo = cargo();
    cargo.args([command, "--locked", "--manifest-path", MANIFEST]);
    cargo
}

impl Built {
    /// Returns the path of a program.
    pub(crate) fn program(&self, name: &str) -> String {
        self.programs.join(name).to_string_lossy().into_owned()
    }

    /// Returns the version of a crate, and where its sources are.
    pub(crate) fn sources(&self, name: &str) -> anyhow::Result<(String, PathBuf)> {
        let mut metadata = own_cargo("metadata");
        let output = metadata.args(["--format-version", "1"]).output()?;
        let all: Value = serde_json::from_slice(&output.stdout)?;
        let packages = all["packages"].as_array().context("no packages")?;
        let package = packages.iter().find(|package| package["name"] == name);
        let text = |key| package.and_then(|package| package[key].as_str());
        let (version, manifest) = text("version")
            .zip(text("manifest_path"))
            .context("no such crate")?;
        let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
        Ok((version.to_owned(), folder.to_owned()))
    }
}
