//! A fault that was made, as programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::Fault;
use crate::commands::output;

/// A fault that was made: the servers that have it, in a folder of their own, and what judges them. While these run, the
/// workbench is free for the next fault.
#[derive(Debug)]
pub struct Made {
    /// The folder of the servers, and of what tests write.
    folder: PathBuf,
    judges: Vec<Judge>,
}

/// How many cases run at the same time: those that a fault turns red wait in vain, most of them.
const WAIT_TOGETHER: &str = "4";

/// How many cases run at the same time if most are green: as many programs judge as there are faults tried at once.
const RUN_TOGETHER: &str = "8";

/// A test program, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    pub(crate) package: String,
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    /// The folder of its package, which tests are run in.
    pub(crate) place: PathBuf,
}

impl Judge {
    /// Returns whether it is the test `name` of `package`.
    pub(crate) fn is_of(&self, package: &str, name: &str) -> bool {
        self.package == package && self.name == name
    }
}

impl Made {
    /// Makes an empty folder for them.
    pub(crate) fn new(folder: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self {
            folder,
            judges: Vec::new(),
        })
    }

    /// Takes a server in, under its own name.
    pub(crate) fn add_server(&self, program: &Path) -> anyhow::Result<()> {
        copy(program, &self.folder)
    }

    /// Takes a test program in, which will be compiled anew for the next fault.
    pub(crate) fn add_own_judge(&mut self, mut judge: Judge) -> anyhow::Result<()> {
        let program = self.folder.join(format!("judge-{}", judge.name));
        copy(&judge.program, &program)?;
        judge.program = program;
        self.judges.push(judge);
        Ok(())
    }

    /// Takes a test program in that stays where it is.
    pub(crate) fn add_judge(&mut self, judge: Judge) {
        self.judges.push(judge);
    }

    /// Runs a few cases, with `patience` if they have to hang, and returns those that failed.
    ///
    /// # Errors
    ///
    /// If they cannot be run.
    pub fn run_cases(
        &self,
        cases: &BTreeSet<String>,
        patience: Duration,
    ) -> anyhow::Result<BTreeSet<String>> {
        let mut ran = String::new();
        for judge in &self.judges {
            let mut tests = self.tests(judge);
            tests.env(suite::PATIENCE, patience.as_millis().to_string());
            tests.args(["--exact", "--test-threads", WAIT_TOGETHER]);
            ran += &printed(tests.args(cases))?;
        }
        // A case that hangs, even without its servers, ends the program: then all fail that have not passed.
        let has_ended = ran.contains("test result: ");
        let fails = |case: &&String| {
            let ended = |how: &str| {
                ran.lines()
                    .any(|line| line == format!("test {case} ... {how}"))
            };
            ended("FAILED") || !has_ended && !ended("ok")
        };
        Ok(cases.iter().filter(fails).cloned().collect())
    }

    /// Runs the tests that `fault` gives no reason to fail, and returns those that failed all the same, a program's end
    /// among them.
    ///
    /// The cases that the fault names are left out: they wait in vain until their deadlines, and
    /// [`run_cases`](Self::run_cases) judges them in less time.
    ///
    /// # Errors
    ///
    /// If they cannot be run, or if there is no other test.
    pub fn run_others(&self, fault: &Fault) -> anyhow::Result<BTreeSet<String>> {
        let (mut failed, mut passed) = (BTreeSet::new(), 0);
        for judge in &self.judges {
            let mut tests = self.tests(judge);
            tests.args(["--exact", "--test-threads", RUN_TOGETHER]);
            for case in fault.red.union(&fault.may_be_red) {
                tests.args(["--skip", case]);
            }
            let ran = printed(&mut tests)?;
            let ended = |how: &'static str| {
                let cases = ran.lines().filter_map(|line| line.strip_prefix("test "));
                cases.filter_map(move |line| line.strip_suffix(how))
            };
            passed += ended(" ... ok").count();
            failed.extend(ended(" ... FAILED").map(str::to_owned));
            if !ran.contains("test result: ") {
                failed.insert(format!("the end of {}", judge.name));
            }
        }
        let are_there = !failed.is_empty() || passed > 0;
        ensure!(are_there, "{}: no other test was run", fault.name);
        Ok(failed)
    }

    /// Returns a test program, which will judge the servers of this fault.
    fn tests(&self, judge: &Judge) -> Command {
        let mut tests = Command::new(&judge.program);
        tests
            .current_dir(&judge.place)
            .stdin(Stdio::null())
            .env(suite::PROGRAMS, &self.folder)
            .env("RUST_BACKTRACE", "0");
        tests
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a test program to its end, and returns what it printed.
fn printed(tests: &mut Command) -> anyhow::Result<String> {
    let ran = tests.output().with_context(|| format!("{tests:?}"))?;
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&ran.stderr);
    ensure!(text.contains("\nrunning "), "{tests:?}: {complaint}");
    Ok(text)
}

/// Copies a program. A child process does it: a file that this process has open for writing is inherited by what another
/// thread starts, and cannot be executed until that has ended.
pub(crate) fn copy(program: &Path, to: &Path) -> anyhow::Result<()> {
    output(Command::new("cp").arg(program).arg(to)).map(drop)
}
