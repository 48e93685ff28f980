//! Fills the blocks of a chapter in, or says which of them are out of step.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::blocks::{Block, parse};
use crate::read;

/// A block that is not what its source is.
#[derive(Debug)]
pub struct Difference {
    /// The line of its comment, from 1.
    pub line: usize,
    /// Its comment.
    pub comment: String,
    /// What stands there.
    pub written: String,
    /// What should.
    pub fresh: String,
}

/// Returns the blocks of the chapter at `path` that are out of step, of those that are `wanted`, given what is written
/// in each.
///
/// # Errors
///
/// A comment that cannot be understood, or whose source is not there; what keeps a command from running.
pub fn compare(
    path: &Path,
    wanted: impl Fn(&Block, &str) -> bool,
) -> anyhow::Result<Vec<Difference>> {
    let text = read(path)?;
    let mut differences = Vec::new();
    for mut block in parse(&text)? {
        if !wanted(&block, &text[block.body.clone()]) {
            continue;
        }
        block.kind = block.kind.for_a_test();
        if let Some(fresh) = renew(&block, &text)? {
            differences.push(Difference {
                line: block.line,
                comment: block.comment.clone(),
                written: text[block.body.clone()].to_owned(),
                fresh,
            });
        }
    }
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
        if let Some(fresh) = renew(&block, &text)? {
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
fn renew(block: &Block, text: &str) -> anyhow::Result<Option<String>> {
    let written = &text[block.body.clone()];
    let fresh = block.kind.fresh(written);
    let fresh = fresh.with_context(|| format!("line {}: {}", block.line, block.comment))?;
    Ok(fresh.filter(|fresh| !block.kind.agree(written, fresh)))
}
