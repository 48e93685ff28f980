//! The course's servers as programs, built when they are needed.

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::Mutex;

use anyhow::{Context, ensure};
use serde::Serialize;
use suite::Subject;
use suite::profile::BEYOND;

use super::workspace;

/// A server of the course: a stage by its number, or a program of `docs/beyond` by its place in [`BEYOND`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CourseServer(Place);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Stage(u8),
    Beyond(usize),
}

impl CourseServer {
    /// Returns stage `number`, from 1 to 8.
    pub const fn stage(number: u8) -> Self {
        Self(Place::Stage(number))
    }

    /// Returns the number of a stage.
    pub const fn number(self) -> Option<u8> {
        match self.0 {
            Place::Stage(number) => Some(number),
            Place::Beyond(_) => None,
        }
    }

    /// Returns the package and the program.
    fn target(self) -> (String, String) {
        match self.0 {
            Place::Stage(number) => (format!("stage-{number:02}"), format!("stage-{number:02}")),
            Place::Beyond(place) => ("beyond".to_owned(), BEYOND[place].1[0].to_owned()),
        }
    }

    /// Returns the server to be judged, whose program is `program`.
    fn subject(self, program: &Path) -> Subject {
        match self.0 {
            Place::Stage(number) => Subject::stage(number, &program.to_string_lossy()),
            Place::Beyond(place) => {
                let (_, [_, arguments @ ..], profile) = BEYOND[place] else {
                    unreachable!("a command has its program first");
                };
                let words = arguments.iter().map(Into::into);
                Subject {
                    command: std::iter::once(program.into()).chain(words).collect(),
                    announces: true,
                    profile,
                }
            }
        }
    }
}

impl FromStr for CourseServer {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let beyond = BEYOND.iter().position(|(name, ..)| *name == text);
        let number = text.parse().ok().filter(|number| (1..=8).contains(number));
        let place = beyond.map(Place::Beyond).or(number.map(Place::Stage));
        place.map(Self).with_context(|| {
            let names = BEYOND.map(|(name, ..)| name).join(", ");
            format!("none of 01 to 08, {names}")
        })
    }
}

/// `06`, or the name of a program.
impl fmt::Display for CourseServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::Stage(number) => write!(f, "{number:02}"),
            Place::Beyond(place) => f.write_str(BEYOND[place].0),
        }
    }
}

/// A stage is its number, a program its name.
impl Serialize for CourseServer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Place::Stage(number) => serializer.serialize_u8(number),
            Place::Beyond(place) => serializer.serialize_str(BEYOND[place].0),
        }
    }
}

/// The servers that this process has built.
#[derive(Debug, Default)]
pub(super) struct Built(Mutex<BTreeSet<CourseServer>>);

impl Built {
    /// Returns `server` to be judged, built if it was not yet: see [`build`].
    pub(super) fn subject(&self, server: CourseServer) -> anyhow::Result<Subject> {
        // A thread that waits here waits for the compiler anyway.
        let mut built = self.0.lock().unwrap_or_else(|error| error.into_inner());
        let (package, name) = server.target();
        let program = match built.contains(&server) {
            true => target_folder()?.join(name),
            false => build_program(&package, &name)?,
        };
        built.insert(server);
        Ok(server.subject(&program))
    }
}

/// Returns the program of the package `name`, made of today's sources: by Cargo, if it is older. The profile is
/// the one that this program was built with.
///
/// # Errors
///
/// If it does not compile, or there is no Cargo.
pub fn build(name: &str) -> anyhow::Result<PathBuf> {
    build_program(name, name)
}

/// Returns the program `name` of `package`, as [`build`] does.
fn build_program(package: &str, name: &str) -> anyhow::Result<PathBuf> {
    let program = target_folder()?.join(name);
    if is_current(&program) {
        return Ok(program);
    }
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", package, "--bin", name]);
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
