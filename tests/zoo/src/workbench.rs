//! Where faults are made: a copy of the workspace.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nix::fcntl::{Flock, FlockArg};

use crate::{Fault, workspace};

/// A copy of the files that git knows of, removed in the end.
#[derive(Debug)]
pub struct Workbench {
    folder: PathBuf,
    target: PathBuf,
    /// Held while it is there: two of them would run each other's programs.
    _lock: Flock<File>,
}

impl Workbench {
    /// Makes a fresh copy. Copies of different numbers can be used at the same time; one of the same number is waited for.
    ///
    /// # Errors
    ///
    /// If git is not there, or a file cannot be copied.
    pub fn new(number: usize) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("zoo-{}-{number}", process::id()));
        // What is compiled once stays for the next time.
        let target = workspace().join("target/zoo").join(number.to_string());
        fs::create_dir_all(&target)?;
        let lock = File::create(target.join("lock"))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno)?;
        let workbench = Self {
            folder,
            target,
            _lock: lock,
        };
        let list = output(git(workspace()).args(["ls-files", "-z"]))?;
        for file in list.split_terminator('\0') {
            let to = workbench.folder.join(file);
            fs::create_dir_all(to.parent().unwrap_or(&workbench.folder))?;
            fs::copy(workspace().join(file), &to).with_context(|| file.to_owned())?;
        }
        Ok(workbench)
    }

    /// Returns the top of the copy.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns Cargo, at the top of the copy. What it compiles stays for the next workbench of this number.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            // Nobody debugs what is made here, and it links in less time.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUST_BACKTRACE", "0");
        cargo
    }

    /// Returns a program that [`cargo`](Self::cargo) has built.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// Makes a fault, runs a few cases of its stage, with `patience` if they have to hang, and returns those that failed.
    ///
    /// # Errors
    ///
    /// If the patch does not apply, or what it makes does not compile.
    pub fn run_cases(
        &self,
        fault: &Fault,
        cases: &BTreeSet<String>,
        patience: Duration,
    ) -> anyhow::Result<BTreeSet<String>> {
        let ran = self.with(fault, |tests| {
            tests.env(suite::PATIENCE, patience.as_millis().to_string());
            tests.args(["--test", &fault.test, "--", "--exact"]);
            tests.args(cases);
        })?;
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

    /// Makes a fault, runs the tests of its stage that it gives no reason to fail, and returns those that failed all the same,
    /// a program's end among them. In a package of several programs these are the tests of its program.
    ///
    /// The cases that the fault names are left out: they wait in vain until their deadlines, and [`run_cases`](Self::run_cases)
    /// judges them in less time.
    ///
    /// # Errors
    ///
    /// As [`run_cases`](Self::run_cases), and if there is no other test.
    pub fn run_others(&self, fault: &Fault) -> anyhow::Result<BTreeSet<String>> {
        let is_stage = fault.package.starts_with("stage-");
        let ran = self.with(fault, |tests| {
            tests.arg("--no-fail-fast");
            if is_stage {
                tests.arg("--tests");
            } else {
                tests.args(["--test", &fault.test]);
            }
            tests.args(["--", "--exact"]);
            for case in fault.red.union(&fault.may_be_red) {
                tests.args(["--skip", case]);
            }
        })?;
        let lines_with = |start: &str| ran.lines().filter(|line| line.starts_with(start)).count();
        let ended = |how: &str| {
            let cases = ran.lines().filter_map(|line| line.strip_prefix("test "));
            let cases = cases.filter_map(|line| line.strip_suffix(how));
            cases.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let mut failed = ended(" ... FAILED");
        if lines_with("test result: ") < lines_with("running ") {
            failed.insert("the end of a test program".to_owned());
        }
        let are_there = !failed.is_empty() || !ended(" ... ok").is_empty();
        ensure!(are_there, "{}: no other test was run", fault.name);
        Ok(failed)
    }

    /// Makes a fault, runs the tests of its stage that `choose` asks for, and returns what they print.
    fn with(&self, fault: &Fault, choose: impl FnOnce(&mut Command)) -> anyhow::Result<String> {
        self.apply(fault, &[])?;
        let mut tests = self.cargo();
        tests.args(["test", "--package", &fault.package]);
        choose(&mut tests);
        let ran = tests.output().context("cannot run cargo");
        self.apply(fault, &["--reverse"])?;
        let ran = ran?;
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        if !text.contains("\nrunning ") {
            let complaint = String::from_utf8_lossy(&ran.stderr);
            bail!("{} does not compile:\n{complaint}", fault.name);
        }
        Ok(text)
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

/// Does something with each fault, in as many workbenches at the same time as there are CPU cores, because cases wait
/// most of the time. The first error ends it.
///
/// # Errors
///
/// Returns those of `action`, and of [`Workbench::new`].
pub fn for_each(
    faults: Vec<Fault>,
    action: impl Fn(&Workbench, &Fault) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let faults = Mutex::new(faults.into_iter());
    let next = || faults.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = |number| {
        let workbench = Workbench::new(number)?;
        while let Some(fault) = next() {
            if let Err(error) = action(&workbench, &fault) {
                while next().is_some() {}
                return Err(error);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (1..=cores.clamp(2, 4))
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        let outcome = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().try_for_each(outcome)
    })
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
