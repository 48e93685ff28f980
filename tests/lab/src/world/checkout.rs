//! The stages' sources, compared with the last commit.

use std::process::{Command, Stdio};

use suite::workspace;

/// Returns the stages' source files that differ from the last commit, as git names them; none if git is no help.
pub(crate) fn changed_sources() -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(workspace()).stdin(Stdio::null());
    git.args(["status", "--porcelain", "--untracked-files=no", "--"]);
    git.args((1..=8).map(|stage| format!(":(top,glob)0{stage}-*/**/src/**")));
    let Ok(output) = git.output() else {
        return Vec::new();
    };
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines
        .lines()
        .filter_map(|line| Some(line.get(3..)?.to_owned()))
        .collect()
}

/// Returns a hint that a break may not be undone, if a stage's sources are changed. It is for failure messages.
pub(crate) fn question_about_changes() -> Option<String> {
    let changed = changed_sources();
    let first = changed.first()?;
    let others = match changed.len() - 1 {
        0 => String::new(),
        others => format!(", and {others} more files"),
    };
    let folder = first.split('/').next().unwrap_or(first);
    Some(format!(
        "{first} is changed{others}: a break not undone? `git diff` shows it, `git restore {folder}` undoes it"
    ))
}
