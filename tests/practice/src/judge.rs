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
use serde_json::Value;
use suite::{PATIENCE, kill_descendants, slowness};

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
/// Returns an error if cargo cannot be run, and its own complaint if it did not come to the compiler.
pub fn build(course: &Course, package: &str, tests: &[String]) -> anyhow::Result<Built> {
    let mut cargo = cargo(course);
    cargo.args([
        "test",
        "--no-run",
        "--message-format",
        "json",
        "--package",
        package,
    ]);
    for test in tests {
        cargo.args(["--test", test]);
    }
    let output = cargo.output().context("cannot run cargo")?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if !output.status.success() {
        let errors = errors(&messages);
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Ok(Built::Broken(if errors.is_empty() {
            complaint
        } else {
            errors
        }));
    }
    let mut programs = Programs {
        server: PathBuf::new(),
        tests: BTreeMap::new(),
        folder: course.workspace.clone(),
    };
    for message in &messages {
        let (Some(program), Some(name)) = (
            message["executable"].as_str(),
            message["target"]["name"].as_str(),
        ) else {
            continue;
        };
        if message["target"]["kind"][0] == "test" {
            programs.tests.insert(name.to_owned(), program.into());
            let manifest = message["manifest_path"].as_str().map(PathBuf::from);
            let folder = manifest.as_deref().and_then(|path| path.parent());
            programs.folder = folder.unwrap_or(&course.workspace).to_owned();
        } else if name == package {
            programs.server = program.into();
        }
    }
    Ok(Built::Ready(programs))
}

/// Returns a cargo that builds in this checkout.
pub fn cargo(course: &Course) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(&course.workspace).stdin(Stdio::null());
    if let Some(target) = &course.target {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    cargo
}

/// Returns the first errors as the compiler shows them. Others often follow from these.
fn errors(messages: &[Value]) -> String {
    const SHOWN: usize = 3;
    let errors = messages.iter().map(|message| &message["message"]);
    let errors =
        errors.filter(|message| message["level"] == "error" && !message["spans"][0].is_null());
    let mut errors: Vec<&str> = errors
        .filter_map(|message| message["rendered"].as_str())
        .collect();
    // The library is compiled for its own tests, too.
    errors.dedup();
    let more = errors.len().saturating_sub(SHOWN);
    errors.truncate(SHOWN);
    let mut text = errors.concat();
    if more > 0 {
        text += &format!("… and {more} more\n");
    }
    text.trim_end().to_owned()
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
