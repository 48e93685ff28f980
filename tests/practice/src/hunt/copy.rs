//! The copy of the workspace that a hunt takes place in: the stages and the suite, and nothing that names the fault.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::course::Course;
use crate::progress::Progress;
use crate::task;
use crate::verify::copy_folder;

/// Returns where the copy of a hunt is.
pub fn workplace(course: &Course, number: &str) -> PathBuf {
    course.store.path("hunts").join(number)
}

/// Copies the stages and the suite of `course` to `folder`, with the course's code where tasks have put the learner's. A
/// file that is the same already is left alone.
///
/// # Errors
///
/// Returns the errors of the file system, with the path.
pub fn lay_out(course: &Course, folder: &Path) -> anyhow::Result<()> {
    let manifest = course.read("Cargo.toml")?;
    let mut members = Vec::new();
    for entry in fs::read_dir(&course.workspace)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_stage = name.starts_with('0') && course.path(&name).join("Cargo.toml").is_file();
        if is_stage {
            copy_folder(&course.path(&name), &folder.join(&name))?;
            members.push(name);
        }
    }
    put_back_originals(course, folder)?;
    members.sort();
    copy_folder(&course.path("tests/suite"), &folder.join("tests/suite"))?;
    let (before, rest) = manifest
        .split_once("members = [")
        .context("Cargo.toml has no members")?;
    let (listed, after) = rest
        .split_once(']')
        .context("Cargo.toml has no end of its members")?;
    let listed = listed.split('"').skip(1).step_by(2);
    let is_kept = |member: &&str| {
        *member == "tests/suite" || members.iter().any(|stage| member.starts_with(stage))
    };
    let kept: String = listed
        .filter(is_kept)
        .map(|member| format!("    \"{member}\",\n"))
        .collect();
    // It is not built optimized, and Cargo warns of a setting for a package that is not there.
    let after: String = after
        .split_inclusive('\n')
        .filter(|line| !line.contains(".opt-level"))
        .collect();
    // Cargo goes by names and versions, and not by where a workspace is: what it builds of the copy would be taken for
    // the checkout's own, or another hunt's, where a file there is older.
    let name = folder.file_stem().unwrap_or_default().to_string_lossy();
    let version = |line: &str| match line.strip_prefix("version = \"") {
        Some(rest) => format!(
            "version = \"{}",
            rest.replacen('"', &format!("-hunt-{name}\""), 1)
        ),
        None => line.to_owned(),
    };
    let after: String = after.split_inclusive('\n').map(version).collect();
    let manifest = format!("{before}members = [\n{kept}]{after}");
    write_if_new(&folder.join("Cargo.toml"), &manifest)?;
    write_if_new(&folder.join("Cargo.lock"), &course.read("Cargo.lock")?)
}

/// Puts the course's code into the functions of the copy that tasks were begun in.
fn put_back_originals(course: &Course, folder: &Path) -> anyhow::Result<()> {
    let (tasks, progress) = (task::all(course)?, Progress::read(&course.store)?);
    for task in &tasks {
        let path = folder.join(&task.file);
        // One that is gone, or is no Rust, is a matter of the fault's patch, which says so.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let original = task::original(&tasks, &progress, &task.file, &text);
        if original != text {
            crate::store::replace(&path, original)?;
        }
    }
    Ok(())
}

fn write_if_new(path: &Path, text: &str) -> anyhow::Result<()> {
    // Cargo drops from the lock file what the copy does not need.
    let is_lock = path.ends_with("Cargo.lock") && path.is_file();
    if !is_lock && !fs::read_to_string(path).is_ok_and(|old| old == text) {
        crate::store::replace(path, text)?;
    }
    Ok(())
}
