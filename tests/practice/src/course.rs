//! The checkout that commands work on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::store::Store;

/// A checkout of the course, and the learner's folder in it.
#[derive(Clone, Debug)]
pub struct Course {
    /// The top of the checkout.
    pub workspace: PathBuf,
    /// Where what the learner wrote is kept.
    pub store: Store,
    /// The folder that cargo builds into, if it is not the usual one.
    pub target: Option<PathBuf>,
}

impl Course {
    /// Opens the checkout that this program was built from.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not there any more, or if the program was handed out without it.
    pub fn here() -> anyhow::Result<Self> {
        let has_sources = !suite::is_without_sources();
        ensure!(has_sources, "a task or a hunt needs a clone of the course");
        Ok(Self::at(&suite::workspace().canonicalize()?))
    }

    /// Opens the checkout at `workspace`.
    pub fn at(workspace: &Path) -> Self {
        Self {
            workspace: workspace.to_owned(),
            store: Store::of(workspace),
            target: None,
        }
    }

    /// Returns the path of a file of it.
    pub fn path(&self, file: &str) -> PathBuf {
        self.workspace.join(file)
    }

    /// Reads a file of it.
    ///
    /// # Errors
    ///
    /// Returns the errors of open(2) and read(2), with the path.
    pub fn read(&self, file: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.path(file)).with_context(|| {
            format!("cannot read {file} (`git restore {file}` brings back what git knows of it)")
        })
    }

    /// Returns a path as the learner types it: from the top of the checkout.
    pub fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.workspace).unwrap_or(path);
        short.display().to_string()
    }
}

/// Returns the files of a folder whose names end in `extension`, in alphabetic order.
///
/// # Errors
///
/// Returns the errors of the file system, with the path.
pub fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
