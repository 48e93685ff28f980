//! A copy of the workspace. It stays where it is, so that only what has changed is compiled again.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::compile::{Artifact, cargo, compile};
use crate::course::Course;
use crate::dependencies;
use crate::judge::Built;
use crate::store::{Lock, create_folder};

/// The test program that starts the server, and knows nothing of its library.
const ECHO: &str = "echo";

/// A copy of the workspace, to make holes and faults in.
#[derive(Debug)]
pub(super) struct Bench {
    /// The copy.
    pub(super) course: Course,
    /// The program `echo` of each stage.
    judges: Vec<Artifact>,
    /// Nobody else works in it.
    _lock: Lock,
}

impl Bench {
    /// Brings copy `number` up to date with the checkout of `course`, and takes over its dependencies.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, and an error if somebody works in it.
    pub(super) fn new(course: &Course, number: usize) -> anyhow::Result<Self> {
        let folder = course.path(&format!("target/practice/{number}/workspace"));
        let target = course.path(&format!("target/practice/{number}/build"));
        let judges = judges(course)?;
        let mut own = Course::at(&folder);
        let lock = own.store.lock()?;
        copy(&course.workspace, &folder)?;
        dependencies::take_over(&folder, &course.path("target"), &target)?;
        own.target = Some(target);
        Ok(Self {
            course: own,
            judges,
            _lock: lock,
        })
    }

    /// Returns a cargo that builds in the copy, or tests. It is told of no package: what the stages need is compiled with
    /// the features that all members of the workspace ask for, and not with those of each stage, and the checkout's own
    /// `cargo test` may have compiled it already.
    pub(super) fn cargo(&self, command: &str) -> Command {
        let mut cargo = cargo(&self.course);
        cargo.arg(command);
        // Nobody debugs what is made here, and it links in less time.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
    }

    /// Builds the server of a stage, and those of its test programs that are not compiled yet, because they look inside.
    ///
    /// # Errors
    ///
    /// Returns an error if cargo cannot be run.
    pub(super) fn build(&self, package: &str, tests: &[String]) -> anyhow::Result<Built> {
        let others: Vec<&String> = tests.iter().filter(|test| *test != ECHO).collect();
        let mut cargo;
        if others.is_empty() {
            cargo = self.cargo("build");
            cargo.args(["--bin", package]);
        } else {
            cargo = self.cargo("test");
            cargo.arg("--no-run");
            // The server is built for them, too.
            cargo.args(others.iter().flat_map(|test| ["--test", test.as_str()]));
        }
        let mut compiled = compile(cargo)?;
        if let Ok(artifacts) = &mut compiled {
            artifacts.extend(self.judges.iter().cloned());
        }
        Built::of(package, compiled)
    }

    /// Puts `text` into a file.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`replace`](crate::store::replace).
    pub(super) fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        crate::store::replace(&self.course.path(file), text)
    }
}

/// Compiles the program `echo` of each stage, in the checkout, where those that run its tests have compiled it already. It
/// judges from outside, and so whatever server is named to it.
///
/// # Errors
///
/// Returns an error if the course does not compile.
pub(super) fn judges(course: &Course) -> anyhow::Result<Vec<Artifact>> {
    let mut cargo = cargo(course);
    cargo.args(["test", "--no-run", "--test", ECHO]);
    let artifacts = match compile(cargo)? {
        Ok(artifacts) => artifacts.into_iter(),
        Err(errors) => bail!("the course does not compile:\n{errors}"),
    };
    Ok(artifacts.filter(|artifact| artifact.is_test).collect())
}

/// What a copy does not need: what was built, what git keeps, and what is the learner's own.
const LEFT_OUT: [&str; 3] = ["target", ".git", ".practice"];

/// Copies a workspace. A file that is the same already keeps its time, so that cargo does not compile it again.
///
/// # Errors
///
/// Returns the errors of the file system, with the path.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    create_folder(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&path, &target)?;
            continue;
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        if !fs::read(&target).is_ok_and(|old| old == bytes) {
            fs::write(&target, bytes).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
