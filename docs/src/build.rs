//! mdBook writes the book.

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
    Ok(folder)
}
