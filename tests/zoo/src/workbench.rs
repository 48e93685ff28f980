//! Where faults are made: a copy of the workspace.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use anyhow::{Context, bail, ensure};

use crate::{Fault, workspace};

/// A copy of the files that git knows of, removed in the end.
#[derive(Debug)]
pub struct Workbench {
    folder: PathBuf,
    target: PathBuf,
}

impl Workbench {
    /// A fresh copy. Workbenches of different names can be used at the same time.
    ///
    /// # Errors
    ///
    /// If git is not there, or a file cannot be copied.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("zoo-{}-{name}", process::id()));
        let workbench = Self {
            folder,
            // What is compiled once stays for the next time.
            target: workspace().join("target/zoo").join(name),
        };
        let list = output(git(workspace()).args(["ls-files", "-z"]))?;
        for file in list.split_terminator('\0') {
            let to = workbench.folder.join(file);
            fs::create_dir_all(to.parent().unwrap_or(&workbench.folder))?;
            fs::copy(workspace().join(file), &to).with_context(|| file.to_owned())?;
        }
        Ok(workbench)
    }

    /// Makes a fault, runs the cases that it must turn red, and gives those that failed.
    ///
    /// # Errors
    ///
    /// If the patch does not apply, or what it makes does not compile.
    pub fn run_cases(&self, fault: &Fault) -> anyhow::Result<BTreeSet<String>> {
        self.with(fault, |tests| {
            tests.args(["--test", &fault.test, "--", "--exact"]);
            tests.args(&fault.red);
        })
    }

    /// Makes a fault, runs all tests of its stage, and gives the cases that failed.
    ///
    /// # Errors
    ///
    /// As [`run_cases`](Self::run_cases).
    pub fn run_all(&self, fault: &Fault) -> anyhow::Result<BTreeSet<String>> {
        self.with(fault, |tests| {
            tests.args(["--no-fail-fast", "--tests"]);
        })
    }

    fn with(
        &self,
        fault: &Fault,
        choose: impl FnOnce(&mut Command),
    ) -> anyhow::Result<BTreeSet<String>> {
        self.apply(fault, &[])?;
        let mut tests = Command::new(env!("CARGO"));
        tests
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUST_BACKTRACE", "0")
            .args(["test", "--package", &fault.package]);
        choose(&mut tests);
        let ran = tests.output().context("cannot run cargo")?;
        self.apply(fault, &["--reverse"])?;
        let text = String::from_utf8_lossy(&ran.stdout);
        if !text.contains("test result: ") {
            let complaint = String::from_utf8_lossy(&ran.stderr);
            bail!("{} does not compile:\n{complaint}", fault.name);
        }
        let failed = text.lines().filter_map(failed_case);
        Ok(failed.map(str::to_owned).collect())
    }

    fn apply(&self, fault: &Fault, options: &[&str]) -> anyhow::Result<()> {
        let mut apply = git(&self.folder);
        output(apply.arg("apply").args(options).arg(&fault.path)).map(drop)
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn failed_case(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    git
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}
