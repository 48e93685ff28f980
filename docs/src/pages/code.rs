//! The code as pages of the book: each stage whole, and of the rest what the text links to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mdbook_preprocessor::book::Chapter;

use crate::{read, workspace};

/// The page that shows a source, and the place in it; both are paths from the top: of the workspace, and
/// of the book.
pub(super) fn page_of(source: &str) -> String {
    let source = source.trim_end_matches('/');
    format!("code/{}.md#{}", group_of(source), anchor_of(source))
}

/// What stands on one page: a stage, or a package of the others.
fn group_of(source: &str) -> String {
    let mut folders = source.split('/');
    match (folders.next(), folders.next()) {
        (Some("tests"), Some(package)) => format!("tests-{package}"),
        (Some(folder), Some(_)) => folder.to_owned(),
        (Some(folder), None) if workspace().join(folder).is_dir() => folder.to_owned(),
        _ => "workspace".to_owned(),
    }
}

fn anchor_of(source: &str) -> String {
    source.replace(['/', '.', '_'], "-")
}

/// A page for each stage, and one for each other package of which something is linked to.
///
/// # Errors
///
/// If a source is not there.
pub(super) fn chapters(linked: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<Chapter>> {
    let mut pages: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for source in stage_sources()?.iter().chain(linked) {
        let group = group_of(&source.to_string_lossy());
        pages.entry(group).or_default().insert(source.clone());
    }
    let pages = pages.into_iter().map(|(group, sources)| {
        let content = page(&group, &sources)?;
        Ok(Chapter::new(
            &title(&group),
            content,
            format!("code/{group}.md"),
            Vec::new(),
        ))
    });
    pages.collect()
}

fn title(group: &str) -> String {
    group.replacen("tests-", "tests/", 1)
}

/// The sources of all stages, from the top of the workspace.
fn stage_sources() -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut sources = BTreeSet::new();
    for entry in fs::read_dir(workspace())? {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with('0') {
            add_sources(&Path::new(&name).join("src"), &mut sources)?;
        }
    }
    Ok(sources)
}

fn add_sources(folder: &Path, sources: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(workspace().join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => add_sources(&path, sources)?,
            false => drop(sources.insert(path)),
        }
    }
    Ok(())
}

fn page(group: &str, sources: &BTreeSet<PathBuf>) -> anyhow::Result<String> {
    let mut text = format!("# {}\n\n", title(group));
    let mut sources: Vec<_> = sources.iter().collect();
    // A stage is read from its lib.rs.
    sources.sort_by_key(|source| !source.ends_with("src/lib.rs"));
    for source in sources {
        let shown = source.display().to_string();
        let content = content(source).with_context(|| shown.clone())?;
        let anchor = anchor_of(&shown);
        // Writing to a string does not fail.
        let _ = write!(text, "## {shown} {{#{anchor}}}\n\n{content}\n");
    }
    Ok(text)
}

fn content(source: &Path) -> anyhow::Result<String> {
    let path = workspace().join(source);
    if path.is_dir() {
        return list(&path);
    }
    let language = match source.extension().and_then(|e| e.to_str()) {
        Some("rs") => "rust",
        Some("patch") => "diff",
        Some("toml") => "toml",
        Some("md") => "markdown",
        Some("py") => "python",
        _ => "text",
    };
    Ok(format!(
        "``````{language}\n{}\n``````\n",
        read(&path)?.trim_end()
    ))
}

/// The names in a folder.
fn list(folder: &Path) -> anyhow::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && name != "target" {
            names.push(name);
        }
    }
    names.sort();
    Ok(format!("``````text\n{}\n``````\n", names.join("\n")))
}
