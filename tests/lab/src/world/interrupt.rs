//! Ctrl-C: whatever is going on, nothing stays behind.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use nix::sys::prctl;
use suite::kill_descendants;
use tempfile::TempDir;

/// Folders to be removed.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Whether the end has begun.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Makes SIGINT, SIGTERM and SIGHUP kill the processes that this one has started, remove its temporary folders, and end
/// it with code 130.
pub(crate) fn clean_up_on_signals() -> anyhow::Result<()> {
    // A process that loses its parent becomes a child of this process, and so is found.
    prctl::set_child_subreaper(true).context("cannot become a subreaper")?;
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, SeqCst);
        kill_descendants(Duration::from_secs(2));
        let folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        folders.iter().for_each(|folder| remove(folder));
        // Standard error may be a pipe whose reader was interrupted as well.
        let _ = writeln!(io::stderr(), "lab: interrupted");
        exit(130);
    })
    .context("cannot handle SIGINT")
}

/// An experiment may still be writing into it.
fn remove(folder: &Path) {
    for _attempt in 0..100 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => thread::yield_now(),
            _ => return,
        }
    }
}

/// Ends this thread here after an interruption: all it would find is that its servers are gone.
pub(crate) fn leave_to_it() {
    while INTERRUPTED.load(SeqCst) {
        thread::park(); // until the process ends
    }
}

/// A temporary folder, removed when this is dropped or interrupted.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

impl Folder {
    /// Creates an empty folder.
    pub(crate) fn new() -> anyhow::Result<Self> {
        // An interruption between creating the folder and recording it would leave it behind.
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        folders.push(folder.path().to_owned());
        Ok(Self(folder))
    }

    /// Returns the folder's path.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        // It is removed before it is forgotten, and not after that, when the fields are dropped.
        remove(self.0.path());
        folders.retain(|path| path != self.0.path());
    }
}
