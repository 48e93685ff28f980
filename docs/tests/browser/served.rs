//! The book as a server has it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use anyhow::{Context, anyhow};
use lab::world::build;

/// Returns the folder of the book, which is built once for all tests.
pub(crate) fn book() -> anyhow::Result<&'static Path> {
    static BOOK: LazyLock<anyhow::Result<PathBuf>> = LazyLock::new(|| {
        book::build(Some(
            &Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser"),
        ))
    });
    let book = BOOK.as_ref().map_err(|error| anyhow!("{error:#}"))?;
    Ok(book)
}

/// A folder of pages, served by stage 8 until this is dropped.
pub(crate) struct Served {
    stage: Child,
    folder: PathBuf,
    pub(crate) address: String,
}

impl Served {
    /// Serves the book.
    pub(crate) fn start() -> anyhow::Result<Self> {
        Self::from(book()?)
    }

    /// Serves what is in `folder`.
    pub(crate) fn from(folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(build("stage-08")?);
        command.args(["127.0.0.1:0", "--http", "127.0.0.1:0", "--root"]);
        let mut stage = command.arg(folder).stdout(Stdio::piped()).spawn()?;
        let output = stage.stdout.take().context("its output is not ours")?;
        let line = BufReader::new(output).lines().nth(1);
        let line = line.context("it does not say where it serves")??;
        let address = line.rsplit(' ').next().unwrap_or_default().to_owned();
        Ok(Self {
            stage,
            folder: folder.to_owned(),
            address,
        })
    }

    /// The pages, by their paths in the book.
    pub(crate) fn pages(&self) -> anyhow::Result<Vec<String>> {
        let mut pages = Vec::new();
        for folder in ["", "code/"] {
            for entry in fs::read_dir(self.folder.join(folder))? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                // The table of contents for browsers without scripts is a frame of the others.
                if name.ends_with(".html") && name != "toc.html" {
                    pages.push(format!("{folder}{name}"));
                }
            }
        }
        pages.sort();
        Ok(pages)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.stage.kill();
        let _ = self.stage.wait();
    }
}
