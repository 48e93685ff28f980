//! Applies a patch without git: a copy of the workspace need not be a repository.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::store::replace;

/// A change of one file: lines that stand there, and the lines that take their place.
#[derive(Debug)]
struct Hunk {
    file: String,
    old: String,
    new: String,
}

/// Applies the unified diff `patch` to the files below `folder`, or takes it back.
///
/// # Errors
///
/// Returns the errors of the file system, and an error if the lines that it changes are not there, once, as it says.
pub fn apply(folder: &Path, patch: &str, is_reverse: bool) -> anyhow::Result<()> {
    let mut hunks = hunks(patch);
    ensure!(!hunks.is_empty(), "the patch changes nothing");
    if is_reverse {
        hunks.reverse();
    }
    for hunk in hunks {
        let path = folder.join(&hunk.file);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let (old, new) = match is_reverse {
            true => (&hunk.new, &hunk.old),
            false => (&hunk.old, &hunk.new),
        };
        let times = text.matches(old.as_str()).count();
        ensure!(
            times == 1,
            "{}: the patch fits {times} times:\n{old}",
            hunk.file
        );
        replace(&path, text.replacen(old.as_str(), new, 1))?;
    }
    Ok(())
}

/// Returns the files that a patch changes.
pub fn files(patch: &str) -> Vec<String> {
    let mut files: Vec<String> = hunks(patch).into_iter().map(|hunk| hunk.file).collect();
    files.dedup();
    files
}

/// Returns a patch as a person reads it: without the indentation that all lines of a hunk have, and with the lines around
/// the change cut to the `width`.
pub fn shown(patch: &str, width: usize) -> String {
    let mut shown = String::new();
    let lines: Vec<&str> = patch.lines().collect();
    for hunk in lines.split_inclusive(|line| line.starts_with("@@ ")) {
        let is_code = |line: &&&str| line.len() > 1 && !is_head(line);
        let indent = |line: &&str| line[1..].len() - line[1..].trim_start().len();
        let common = hunk.iter().filter(is_code).map(indent).min().unwrap_or(0);
        for line in hunk {
            let line = match is_code(&line) {
                true => format!("{}{}", &line[..1], &line[1 + common..]),
                false => (*line).to_owned(),
            };
            let is_around = line.starts_with(' ') && line.chars().count() > width;
            let cut: String = line.chars().take(width - 1).collect();
            shown += &if is_around { cut + "…" } else { line };
            shown.push('\n');
        }
    }
    shown
}

fn is_head(line: &str) -> bool {
    ["--- ", "+++ ", "@@ "]
        .iter()
        .any(|head| line.starts_with(head))
}

fn hunks(patch: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut file = String::new();
    let mut is_inside = false;
    for line in patch.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("+++ b/") {
            file = path.trim_end().to_owned();
        } else if line.starts_with("--- a/") {
            is_inside = false;
        } else if line.starts_with("@@ ") {
            is_inside = true;
            hunks.push(Hunk {
                file: file.clone(),
                old: String::new(),
                new: String::new(),
            });
        } else if let (true, Some(hunk)) = (is_inside, hunks.last_mut()) {
            let (kind, rest) = line.split_at(line.len().min(1));
            let rest = match kind {
                "\n" => "\n",
                _ => rest,
            };
            if matches!(kind, " " | "-" | "\n") {
                hunk.old.push_str(rest);
            }
            if matches!(kind, " " | "+" | "\n") {
                hunk.new.push_str(rest);
            }
        }
    }
    hunks
}
