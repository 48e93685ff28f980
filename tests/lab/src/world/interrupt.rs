//! Ctrl-C: whatever is under way, nothing stays behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use nix::sys::prctl;
use nix::sys::signal::{SIGKILL, kill};
use suite::Process;
use tempfile::TempDir;

/// Folders to be removed.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From now on SIGINT, SIGTERM and SIGHUP kill what this process has started, remove its temporary folders,
/// and end it with code 130.
///
/// # Errors
///
/// Those of sigaction(2) and prctl(2).
pub fn clean_up_on_signals() -> anyhow::Result<()> {
    // Whoever loses his parent becomes a child of this process, and so is found.
    prctl::set_child_subreaper(true).context("cannot become a subreaper")?;
    ctrlc::set_handler(|| {
        for process in Process::new(std::process::id().cast_signed()).descendants() {
            let _ = kill(process.pid(), SIGKILL);
        }
        let folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in folders.iter() {
            let _ = fs::remove_dir_all(folder);
        }
        eprintln!("lab: interrupted");
        exit(130);
    })
    .context("cannot handle SIGINT")
}

/// A temporary folder, which is removed when this is dropped, or by an interruption.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// Those of mkdir(2).
    pub fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        folders.push(folder.path().to_owned());
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        folders.retain(|path| path != self.0.path());
    }
}
