//! Which programs the tests of a package judge.

use std::path::{Path, PathBuf};

/// The environment variable that names a folder of programs, which are judged in place of those of the same names that
/// cargo has built with the tests. What the tests write comes into that folder, too. So a test program is compiled once,
/// and judges many servers, several of them at the same time.
pub const PROGRAMS: &str = "SUITE_PROGRAMS";

/// Returns the program to be judged: `built`, unless [`PROGRAMS`] names a folder.
pub fn program(built: &str) -> PathBuf {
    let name = Path::new(built).file_name().unwrap_or_default();
    from_outside().map_or_else(|| built.into(), |folder| folder.join(name))
}

/// Returns the folder that tests write into: `built`, unless [`PROGRAMS`] names another.
pub fn scratch(built: &str) -> PathBuf {
    from_outside().map_or_else(|| built.into(), |folder| folder.join("tmp"))
}

fn from_outside() -> Option<PathBuf> {
    Some(std::env::var_os(PROGRAMS)?.into())
}
