//! Nothing of the learner's is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use practice::patch;
use practice::store::{Store, replace};

/// A folder of this test's own, which is removed in the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("practice-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_was_kept_stays() -> anyhow::Result<()> {
    let folder = Folder::new("kept")?;
    let store = Store::of(&folder.0);
    let file = Path::new("src/lib.rs");
    let first = store.keep("04.2", file, "one")?;
    let second = store.keep("04.2", file, "two")?;
    let again = store.keep("04.2", file, "two")?;
    let third = store.keep("04.2", file, "one")?;
    ensure!(second == again, "the same text is kept twice in a row");
    ensure!(first != third, "a copy was overwritten");
    for (path, text) in [(first, "one"), (second, "two"), (third, "one")] {
        ensure!(fs::read_to_string(&path)? == text, "{}", path.display());
    }
    ensure!(
        fs::read_to_string(store.path(".gitignore"))? == "*\n",
        "git does not ignore the folder"
    );
    Ok(())
}

/// Whatever goes wrong on the way, the file has the old text, and no other file is left.
#[test]
fn a_file_that_cannot_be_replaced_stays() -> anyhow::Result<()> {
    let folder = Folder::new("stays")?;
    let target = folder.0.join("taken");
    // A folder that is not empty cannot be renamed over.
    fs::create_dir(&target)?;
    fs::write(target.join("inside"), "the old text")?;
    ensure!(replace(&target, "the new text").is_err(), "it was replaced");
    ensure!(
        fs::read_to_string(target.join("inside"))? == "the old text",
        "it has changed"
    );
    ensure!(
        fs::read_dir(&folder.0)?.count() == 1,
        "something is left behind"
    );
    Ok(())
}

#[test]
fn one_command_at_a_time() -> anyhow::Result<()> {
    let folder = Folder::new("lock")?;
    let store = Store::of(&folder.0);
    let lock = store.lock()?;
    let other = || store.lock_within(Duration::ZERO).map(drop);
    let other = std::thread::scope(|scope| scope.spawn(other).join());
    ensure!(
        other.is_ok_and(|locked| locked.is_err()),
        "two commands have the lock"
    );
    drop(lock);
    store.lock().map(drop)
}

#[test]
fn a_patch_is_taken_back_byte_for_byte() -> anyhow::Result<()> {
    let folder = Folder::new("patch")?;
    let text = "one\ntwo\n\nthree\nfour\n";
    fs::write(folder.0.join("file"), text)?;
    let change = "--- a/file\n+++ b/file\n@@ -1,4 +1,4 @@\n one\n-two\n+2\n \n three\n";
    patch::apply(&folder.0, change, false)?;
    ensure!(
        fs::read_to_string(folder.0.join("file"))? == "one\n2\n\nthree\nfour\n",
        "not applied"
    );
    ensure!(
        patch::apply(&folder.0, change, false).is_err(),
        "it was applied twice"
    );
    patch::apply(&folder.0, change, true)?;
    ensure!(
        fs::read_to_string(folder.0.join("file"))? == text,
        "not taken back"
    );
    Ok(())
}

/// The code of a patch is seen without what it is indented by.
#[test]
fn a_patch_is_shown_within_its_width() -> anyhow::Result<()> {
    let patch = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n         around the change, and far too long\n-        old\n+            new\n";
    let shown = patch::shown(patch, 20);
    let expected = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n around the change,…\n-old\n+    new\n";
    ensure!(shown == expected, "{shown}");
    Ok(())
}
