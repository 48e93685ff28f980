//! Builds a stage, and runs cases of its own tests against it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use suite::{PATIENCE, PROGRAMS, kill_descendants, slowness};

use crate::compile::{Artifact, cargo, compile};
use crate::course::Course;
use crate::task::Case;

/// How long the suite waits for something that should happen at once, before the learner reads that it did not. A drain
/// may take 2 s.
const SHORT: Duration = Duration::from_secs(4);

/// What came of a build.
#[derive(Debug)]
pub enum Built {
    /// It can be judged.
    Ready(Programs),
    /// The compiler's errors, and not its warnings.
    Broken(String),
}

impl Built {
    /// Takes the programs of `package` out of what was compiled.
    ///
    /// # Errors
    ///
    /// Returns an error if its server is not among them.
    pub fn of(package: &str, compiled: Result<Vec<Artifact>, String>) -> anyhow::Result<Self> {
        Ok(match compiled {
            Ok(artifacts) => Self::Ready(Programs::of(package, artifacts)?),
            Err(errors) => Self::Broken(errors),
        })
    }
}

/// The programs that were built.
#[derive(Debug)]
pub struct Programs {
    /// The stage's server.
    pub server: PathBuf,
    /// Its test programs, by their names.
    tests: BTreeMap<String, PathBuf>,
    folder: PathBuf,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Green,
    /// It does not: what was sent, what was seen, and where to read.
    Red(String),
    /// The caller wanted no answer any more.
    Stopped,
}

/// Builds the tests of a package, and its server.
///
/// # Errors
///
/// Returns an error if cargo cannot be run.
pub fn build(course: &Course, package: &str, tests: &[String]) -> anyhow::Result<Built> {
    let mut cargo = cargo(course);
    cargo.args(["test", "--no-run", "--package", package]);
    for test in tests {
        cargo.args(["--test", test]);
    }
    Built::of(package, compile(cargo)?)
}

/// Returns how long the suite waits: longer on a machine that is slow, or busy with something else, so that a right
/// program is not taken for one that hangs.
pub fn patience() -> Duration {
    let load = suite::system::load().unwrap_or(0.0);
    let cores = thread::available_parallelism().map_or(1, usize::from) as f64;
    let business = (load / cores).clamp(1.0, 4.0);
    SHORT.mul_f64(business) * slowness()
}

impl Programs {
    fn of(package: &str, artifacts: Vec<Artifact>) -> anyhow::Result<Self> {
        let own = artifacts.into_iter();
        let own = own.filter(|artifact| artifact.package == package);
        let (tests, others): (Vec<_>, Vec<_>) = own.partition(|artifact| artifact.is_test);
        let server = others.into_iter().find(|program| program.name == package);
        let server = server.with_context(|| format!("{package} has no server"))?;
        let tests = tests.into_iter();
        Ok(Self {
            server: server.program,
            tests: tests.map(|test| (test.name, test.program)).collect(),
            folder: server.folder,
        })
    }

    /// Runs a case, and looks from time to time whether to `stop`. One that has not ended after twice the `patience` is
    /// ended, with its servers.
    ///
    /// # Errors
    ///
    /// Returns an error if the test program cannot be run, or has no such case.
    pub fn run(
        &self,
        case: &Case,
        patience: Duration,
        mut stop: impl FnMut() -> bool,
    ) -> anyhow::Result<Outcome> {
        let program = self.tests.get(&case.test);
        let program = program.with_context(|| format!("there is no test program {}", case.test))?;
        // What loses its parent becomes a child of this process, and can be ended.
        prctl::set_child_subreaper(true)?;
        let (mut said, mut listed) = (memory()?, memory()?);
        let mut test = Command::new(program);
        test.current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null());
        test.args([
            &case.name,
            "--exact",
            "--nocapture",
            "--include-ignored",
            "--test-threads",
            "1",
        ]);
        // The test may have been compiled with another server.
        let folder = self.server.parent();
        test.envs(folder.map(|folder| (PROGRAMS, folder)));
        test.env(PATIENCE, patience.as_millis().to_string())
            .env("RUST_BACKTRACE", "0");
        test.stdout(listed.try_clone()?).stderr(said.try_clone()?);
        let mut test = test
            .spawn()
            .with_context(|| program.display().to_string())?;
        let end = Instant::now() + patience * 2;
        let status = loop {
            if let Some(status) = test.try_wait()? {
                break status;
            }
            if stop() {
                kill(&mut test);
                return Ok(Outcome::Stopped);
            }
            if Instant::now() > end {
                kill(&mut test);
                let seconds = (patience * 2).as_secs();
                let rule = suite::meaning_of(&case.name);
                let rule = rule.map_or(String::new(), |meaning| format!(": {}", meaning.rule));
                let story = format!(
                    "{}{rule}\n    Seen: it has not ended in {seconds} s: the server hangs, or spins",
                    case.name
                );
                return Ok(Outcome::Red(story));
            }
            thread::sleep(Duration::from_millis(5));
        };
        let list = read(&mut listed)?;
        ensure!(
            !list.contains("running 0 tests"),
            "{} has no case {}",
            case.test,
            case.name
        );
        Ok(match status.success() {
            true => Outcome::Green,
            false => Outcome::Red(read(&mut said)?.trim().to_owned()),
        })
    }
}

/// Ends a test, and its servers.
fn kill(test: &mut Child) {
    let group = Pid::from_raw(test.id().cast_signed());
    // They fail if it has just ended.
    let _ = killpg(group, Signal::SIGKILL);
    let _ = test.kill();
    let _ = test.wait();
    kill_descendants(Duration::from_secs(2));
}

/// Creates a file that is nowhere. Nobody has to read it while the test runs.
fn memory() -> anyhow::Result<File> {
    Ok(memfd_create(c"output", MFdFlags::MFD_CLOEXEC)?.into())
}

fn read(file: &mut File) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
