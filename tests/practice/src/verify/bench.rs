//! A copy of the workspace. It stays where it is, so that only what has changed is compiled again.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::course::Course;
use crate::store::{Lock, create_folder};

/// A copy of the workspace, to make holes and faults in.
#[derive(Debug)]
pub(super) struct Bench {
    /// The copy.
    pub(super) course: Course,
    /// Nobody else works in it.
    _lock: Lock,
}

impl Bench {
    /// Brings copy `number` up to date with the checkout of `course`.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, and an error if somebody works in it.
    pub(super) fn new(course: &Course, number: usize) -> anyhow::Result<Self> {
        let folder = course.path(&format!("target/practice/{number}/workspace"));
        let mut own = Course::at(&folder);
        own.target = Some(course.path(&format!("target/practice/{number}/build")));
        let lock = own.store.lock()?;
        copy(&course.workspace, &folder)?;
        Ok(Self {
            course: own,
            _lock: lock,
        })
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
