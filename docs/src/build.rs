//! mdBook writes the book.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mdbook_driver::MDBook;

use crate::pages::Pages;
use crate::workspace;

/// Builds the book into `folder`, or into `target/book`, and gives the folder.
///
/// # Errors
///
/// What is wrong with the text, and the errors of the file system.
pub fn build(folder: Option<&Path>) -> anyhow::Result<PathBuf> {
    let mut book = MDBook::load(workspace().join("docs")).context("cannot read the book")?;
    if let Some(folder) = folder {
        book.config.build.build_dir = folder.to_owned();
    }
    book.with_preprocessor(Pages);
    book.build().context("cannot build the book")?;
    let folder = book.build_dir_for("html");
    let folder = folder.canonicalize().unwrap_or(folder);
    add_modules(&folder)?;
    Ok(folder)
}

/// Copies the modules of the kernel in the page. mdBook would put its own scripts on every page, and not as modules.
fn add_modules(book: &Path) -> anyhow::Result<()> {
    let (from, to) = ("theme/kernel", book.join("theme/kernel"));
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(workspace().join("docs").join(from))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
