//! The course's servers as programs, built when they are needed.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, ensure};
use serde::Serialize;
use suite::profile::BEYOND;
use suite::{Subject, is_without_sources};

use super::workspace;

/// A server of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum CourseServer {
    /// A stage by its number, from 1 to 8.
    Stage(u8),
    /// A program of `docs/beyond` by its name in [`BEYOND`].
    Beyond(&'static str),
}

impl CourseServer {
    /// Returns the number of a stage.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Stage(number) => Some(number),
            Self::Beyond(_) => None,
        }
    }

    /// Returns the server, built from its current sources and ready to judge. Fails as [`build`] does.
    pub(super) fn built(self) -> anyhow::Result<Subject> {
        match self {
            Self::Stage(number) => {
                let program = build(&format!("stage-{number:02}"))?;
                Ok(Subject::stage(number, &program.to_string_lossy()))
            }
            Self::Beyond(name) => {
                let program = build_program("beyond", name)?;
                Ok(Subject::beyond(name, &program.to_string_lossy()))
            }
        }
    }
}

impl FromStr for CourseServer {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let names = BEYOND.iter().map(|(name, ..)| *name);
        let beyond = names.clone().find(|name| *name == text);
        let number = text.parse().ok().filter(|number| (1..=8).contains(number));
        let server = beyond.map(Self::Beyond).or(number.map(Self::Stage));
        server.with_context(|| {
            let names = names.collect::<Vec<_>>().join(", ");
            format!("not one of 01 to 08, {names}")
        })
    }
}

/// `06`, or the name of a program.
impl fmt::Display for CourseServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(number) => write!(f, "{number:02}"),
            Self::Beyond(name) => f.write_str(name),
        }
    }
}

/// Returns the program of the package `name`, built from the current sources. Has Cargo build it if it is older. The
/// profile is that of the lab.
///
/// # Errors
///
/// Fails if it does not compile, or if Cargo is missing.
pub fn build(name: &str) -> anyhow::Result<PathBuf> {
    build_program(name, name)
}

/// Returns the program `name` of `package`, as [`build`] does.
fn build_program(package: &str, name: &str) -> anyhow::Result<PathBuf> {
    let program = target_folder()?.join(name);
    if is_without_sources() || is_current(&program) {
        return Ok(program);
    }
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", package, "--bin", name]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let built = command.status();
    let built = built.context("cannot run cargo, which builds the stages")?;
    let why = "could not be built: cargo says why above";
    ensure!(built.success(), "{name} {why}");
    Ok(program)
}

/// Returns whether a program is newer than all its sources, which Cargo lists in a file next to it. Asking Cargo itself
/// would take longer than many experiments. A test run builds the programs without that file; then all sources of the
/// workspace count.
fn is_current(program: &Path) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
    let Some(built) = time(program) else {
        return false;
    };
    let mut sources = match fs::read_to_string(program.with_extension("d")) {
        Ok(list) => listed(&list),
        Err(_) => all_sources(workspace()),
    };
    sources.extend(["Cargo.toml", "Cargo.lock"].map(|name| workspace().join(name)));
    let is_older = |file: &PathBuf| time(file).is_some_and(|changed| changed <= built);
    sources.iter().all(is_older)
}

/// Returns the sources in one of Cargo's lists, `PROGRAM: SOURCE SOURCE …`; a space in a name has a backslash before it.
fn listed(list: &str) -> Vec<PathBuf> {
    let sources = list.trim_end().split_once(": ");
    let sources = sources.map_or("", |(_, sources)| sources);
    let sources = sources.replace("\\ ", "\0");
    let names = sources.split(' ').map(|name| name.replace('\0', " "));
    names.map(PathBuf::from).collect()
}

/// Returns the Rust files and manifests below `folder`, except build output and other workspaces.
fn all_sources(folder: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            sources.extend(all_sources(&path));
        } else if matches!(name.rsplit('.').next(), Some("rs" | "toml" | "md" | "css")) {
            sources.push(path); // texts and styles, too: programs are made of them by include_str!
        }
    }
    sources
}

/// Returns a Cargo command that runs at the top of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    cargo
}

/// Returns the folder of this program and of the stages' programs. Tests are a folder deeper.
fn target_folder() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("cannot find the lab's own program")?;
    let mut folders = program.ancestors().skip(1);
    let folder = folders.find(|folder| !folder.ends_with("deps"));
    let folder = folder.context("the lab's program is in no folder")?;
    Ok(folder.to_owned())
}
