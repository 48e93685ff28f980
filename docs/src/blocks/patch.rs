//! Faults of the zoo: what they change, and which cases they turn red.

use std::path::PathBuf;

use anyhow::Context;
use zoo::Fault;

use crate::{read, workspace};

/// A fault of the zoo, a file from the top of the workspace.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The file.
    pub file: String,
}

impl Patch {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        workspace().join(&self.file)
    }

    /// What follows `name: ` in its head.
    ///
    /// # Errors
    ///
    /// If it has no such line.
    pub fn field(&self, name: &str) -> anyhow::Result<String> {
        let text = read(&self.path())?;
        let mut lines = text.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = value.with_context(|| format!("{} has no line `{name}: `", self.file))?;
        Ok(value.to_owned())
    }

    /// What it changes, as git shows it.
    pub(super) fn change(&self) -> anyhow::Result<String> {
        let text = read(&self.path())?;
        let start = text.find("\n--- a/");
        let start = start.with_context(|| format!("{} changes nothing", self.file))?;
        Ok(text[start + 1..].to_owned())
    }

    /// What `cargo test` says of the cases that it turns red, and of those that it does sometimes.
    pub(super) fn red(&self) -> anyhow::Result<String> {
        let fault = Fault::read(&self.path())?;
        let always = fault
            .red
            .iter()
            .map(|case| format!("test {case} ... FAILED\n"));
        let sometimes = fault.may_be_red.iter();
        let sometimes = sometimes.map(|case| format!("test {case} ... FAILED, not in each run\n"));
        let any = fault.may_hit_any;
        let any = any.then(|| "any other test ... FAILED, not in each run\n".to_owned());
        Ok(always.chain(sometimes).chain(any).collect())
    }
}
