//! Has cargo compile, and reads what came of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::Value;

use crate::course::Course;

/// A library or a program that cargo has built, or found built already.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The package.
    pub package: String,
    /// Its name in there.
    pub name: String,
    /// What it is: `lib`, `bin`, `test`.
    pub kind: String,
    /// Its first source.
    pub root: PathBuf,
    /// Whether cargo found it built already.
    pub is_fresh: bool,
    /// Where the program is, if it is one.
    pub program: Option<PathBuf>,
    /// The folder of the package.
    pub folder: PathBuf,
}

/// A program that cargo has built, or found built already.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The package.
    pub package: String,
    /// Its name in there.
    pub name: String,
    /// Whether it is a test.
    pub is_test: bool,
    /// Where it is.
    pub program: PathBuf,
    /// The folder of the package.
    pub folder: PathBuf,
}

impl Unit {
    /// Reads one of cargo's messages. Returns `None` if it is about something else.
    fn read(message: &Value) -> Option<Self> {
        // `path+file:///…/04-select#stage-04@0.1.0`, or `path+file:///…/suite#0.1.0`
        let (folder, package) = message["package_id"].as_str()?.rsplit_once('#')?;
        let (_, folder) = folder.rsplit_once('/')?;
        let package = package.split_once('@').map_or(folder, |(name, _)| name);
        Some(Self {
            package: package.to_owned(),
            name: message["target"]["name"].as_str()?.to_owned(),
            kind: message["target"]["kind"][0].as_str()?.to_owned(),
            root: message["target"]["src_path"].as_str()?.into(),
            is_fresh: message["fresh"].as_bool()?,
            program: message["executable"].as_str().map(PathBuf::from),
            folder: Path::new(message["manifest_path"].as_str()?)
                .parent()?
                .to_owned(),
        })
    }

    /// Returns the program that it is.
    fn into_artifact(self) -> Option<Artifact> {
        Some(Artifact {
            package: self.package,
            name: self.name,
            is_test: self.kind == "test",
            program: self.program?,
            folder: self.folder,
        })
    }
}

/// Returns a cargo that builds in this checkout.
pub fn cargo(course: &Course) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(&course.workspace).stdin(Stdio::null());
    if let Some(target) = &course.target {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    cargo
}

/// Has `cargo` compile. Returns the programs, or what it complained about.
///
/// # Errors
///
/// Returns an error if cargo cannot be run.
pub fn compile(cargo: Command) -> anyhow::Result<Result<Vec<Artifact>, String>> {
    let units = compile_units(cargo)?;
    Ok(units.map(|units| units.into_iter().filter_map(Unit::into_artifact).collect()))
}

/// Has `cargo` compile. Returns the libraries and the programs, or what it complained about.
///
/// # Errors
///
/// Returns an error if cargo cannot be run.
pub fn compile_units(mut cargo: Command) -> anyhow::Result<Result<Vec<Unit>, String>> {
    cargo.args(["--message-format", "json"]);
    let output = cargo.output().context("cannot run cargo")?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if output.status.success() {
        return Ok(Ok(messages.iter().filter_map(Unit::read).collect()));
    }
    let errors = errors(&messages);
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(Err(if errors.is_empty() { complaint } else { errors }))
}

/// Returns the first errors as the compiler shows them. Others often follow from these.
fn errors(messages: &[Value]) -> String {
    const SHOWN: usize = 3;
    let errors = messages.iter().map(|message| &message["message"]);
    let errors =
        errors.filter(|message| message["level"] == "error" && !message["spans"][0].is_null());
    let mut errors: Vec<&str> = errors
        .filter_map(|message| message["rendered"].as_str())
        .collect();
    // The library is compiled for its own tests, too.
    errors.dedup();
    let more = errors.len().saturating_sub(SHOWN);
    errors.truncate(SHOWN);
    let mut text = errors.concat();
    if more > 0 {
        text += &format!("… and {more} more\n");
    }
    text.trim_end().to_owned()
}
