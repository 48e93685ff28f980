//! What a patch says of itself.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::workspace;

/// A fault, and what is expected of those who look for it.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The patch.
    pub path: PathBuf,
    /// Its name, without the folder and the extension.
    pub name: String,
    /// The package of the stage that notices it.
    pub package: String,
    /// The test program that judges it.
    pub test: String,
    /// The cases that have to fail.
    pub red: BTreeSet<String>,
    /// Those that may fail, too.
    pub may_be_red: BTreeSet<String>,
    /// Whether every other case may fail, because chance decides which clients are hit.
    pub may_hit_any: bool,
    /// The files that it changes, from the top of the workspace.
    pub files: BTreeSet<PathBuf>,
}

/// The faults whose names contain one of `parts`, in alphabetic order; all, if there are no parts.
///
/// # Errors
///
/// Returns the errors of the file system and of [`Fault::read`].
pub fn faults(parts: &[String]) -> anyhow::Result<Vec<Fault>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(workspace().join("tests/zoo"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let wanted = parts.is_empty() || parts.iter().any(|part| name.contains(part));
        if wanted && path.extension() == Some(OsStr::new("patch")) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| Fault::read(path)).collect()
}

impl Fault {
    /// Reads what the patch at `path` says.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or a line of its head is missing.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let head = text.split("\n--- ").next().unwrap_or_default();
        let field = |name: &str| {
            let mut lines = head.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let missing = |name| format!("{} has no line `{name}: `", path.display());
        let stage = field("Stage").with_context(|| missing("Stage"))?;
        let red = field("Turns red").with_context(|| missing("Turns red"))?;
        let mut may_be_red = words(field("May turn red").unwrap_or_default());
        let may_hit_any = may_be_red.remove("any");
        let (number, test) = stage.split_once(' ').unwrap_or((stage, "echo"));
        let name = path.file_stem().unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            name: name.to_string_lossy().into_owned(),
            // A number is a stage's; any other word is the package's own name.
            package: match number.parse::<u8>() {
                Ok(number) => format!("stage-0{number}"),
                Err(_) => number.to_owned(),
            },
            test: test.to_owned(),
            red: words(red),
            may_be_red,
            may_hit_any,
            files: files(&text),
        })
    }

    /// Returns whether it is in the servers alone: in sources, and in none of the tests or of the suite.
    pub(crate) fn is_of_servers(&self) -> bool {
        let has = |file: &Path, folder: &str| file.iter().any(|part| part == folder);
        let mut files = self.files.iter();
        files.all(|file| has(file, "src") && !has(file, "tests"))
    }
}

/// Returns the files that a patch changes.
fn files(text: &str) -> BTreeSet<PathBuf> {
    let of_line = |line: &str| {
        let file = line
            .strip_prefix("--- a/")
            .or(line.strip_prefix("+++ b/"))?;
        file.split('\t').next().map(PathBuf::from)
    };
    text.lines().filter_map(of_line).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
