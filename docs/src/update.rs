//! Fills the blocks of a chapter in, or says which of them are out of step.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::at_once::at_once;
use crate::blocks::{Block, parse};
use crate::{markdown_files, read};

/// A block that is not what its source is.
#[derive(Debug)]
pub struct Difference {
    /// Its file.
    pub path: PathBuf,
    /// The line of its comment, from 1.
    pub line: usize,
    /// Its comment.
    pub comment: String,
    /// What stands there.
    pub written: String,
    /// What should.
    pub fresh: String,
}

/// Returns the blocks of the text that are out of step, of those that are `wanted`, given their file and what is written
/// in each.
///
/// # Errors
///
/// A comment that cannot be understood, or whose source is not there; what keeps a command from running.
pub fn compare(wanted: impl Fn(&Path, &Block, &str) -> bool) -> anyhow::Result<Vec<Difference>> {
    let mut due = Vec::new();
    for path in markdown_files()? {
        let text = read(&path)?;
        for block in parse(&text).with_context(|| path.display().to_string())? {
            let written = &text[block.body.clone()];
            if wanted(&path, &block, written) {
                due.push((path.clone(), block, written.to_owned()));
            }
        }
    }
    let compared = at_once(due, |(path, mut block, written)| {
        block.kind = block.kind.for_a_test();
        let fresh = renew(&block, &written).with_context(|| path.display().to_string())?;
        Ok(fresh.map(|fresh| Difference {
            path,
            line: block.line,
            comment: block.comment,
            written,
            fresh,
        }))
    })?;
    let mut differences: Vec<_> = compared.into_iter().flatten().collect();
    differences.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    Ok(differences)
}

/// Fills in all blocks of the chapter at `path`. Returns whether it has changed.
///
/// # Errors
///
/// Returns the errors of [`compare`], and those of the file system.
pub fn update(path: &Path) -> anyhow::Result<bool> {
    let mut text = read(path)?;
    let mut changed = false;
    // From the end, so that the places of those before stay.
    for block in parse(&text)?.into_iter().rev() {
        if let Some(fresh) = renew(&block, &text[block.body.clone()])? {
            text.replace_range(block.body, &fresh);
            changed = true;
        }
    }
    if changed {
        fs::write(path, text)?;
    }
    Ok(changed)
}

/// What should stand in a block, if that is not what does.
fn renew(block: &Block, written: &str) -> anyhow::Result<Option<String>> {
    let fresh = block.kind.fresh(written);
    let fresh = fresh.with_context(|| format!("line {}: {}", block.line, block.comment))?;
    Ok(fresh.filter(|fresh| !block.kind.agree(written, fresh)))
}
