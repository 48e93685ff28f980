//! Places in the sources of the course.

use std::env;
use std::fmt;
use std::fs;
use std::path::Path;

/// A place in the sources, named by its text, so that its line is always the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file, from the top of the workspace.
    pub file: &'static str,
    /// What the line contains that is meant.
    pub text: &'static str,
}

impl Source {
    /// Returns the number of the line, from 1; `None` if it is not there.
    pub fn line(self) -> Option<usize> {
        let text = fs::read_to_string(workspace().join(self.file)).ok()?;
        let line = text.lines().position(|line| line.contains(self.text))?;
        Some(line + 1)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line() {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(self.file),
        }
    }
}

/// Returns the top of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns whether this program was handed out in an archive, without the sources that it was built from.
pub fn is_without_sources() -> bool {
    env::var_os("LAB_WITHOUT_SOURCES").is_some()
}
