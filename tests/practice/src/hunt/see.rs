//! `cargo lab hunt see`: starts the server of the copy, and runs the ticket's script against it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use suite::kill_descendants;

use super::{Hunt, Kind, find, workplace};
use crate::course::Course;
use crate::judge::cargo;
use crate::progress::Progress;
use crate::talk::{Talk, Tone};

/// How long a script may take. It has shorter limits of its own.
const MOST: Duration = Duration::from_secs(60);

/// Shows what the ticket's script prints now.
///
/// # Errors
///
/// Returns an error if no hunt is under way, and those of [`watch_symptom`].
pub fn see(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let progress = Progress::read(&course.store)?;
    let number = progress
        .last_hunt
        .as_deref()
        .context("no hunt is under way: `cargo lab hunt` lists them")?;
    let hunt = find(course, number)?;
    let Kind::Symptom { script, seen, .. } = &hunt.kind else {
        bail!("this hunt has no script: you write one. `cargo lab hunt check` judges it");
    };
    let copy = copy_of(course, number);
    match watch_symptom(&copy, course, &hunt, script)? {
        Scene::Broken(errors) => {
            talk.toned(Tone::Bad, "The copy does not compile:");
            talk.lines(Tone::Plain, errors);
        }
        Scene::Printed(printed) => {
            talk.fact("printed", printed.as_str());
            talk.lines(Tone::Plain, &printed);
            talk.gap();
            match printed.trim() == seen.trim() {
                true => talk.toned(Tone::Bad, "This is what the ticket says."),
                false => talk.toned(Tone::Good, "This is not what the ticket says any more."),
            }
        }
    }
    talk.next("cargo lab hunt check", "judges what you mended");
    talk.next("cargo lab hunt hint", "if you are stuck");
    Ok(true)
}

/// Returns the copy that a hunt takes place in, as a checkout of its own.
pub(super) fn copy_of(course: &Course, number: &str) -> Course {
    Course {
        workspace: workplace(course, number),
        store: course.store.clone(),
        target: Some(course.path("target/hunts")),
    }
}

/// What came of the attempt to run a script.
#[derive(Debug)]
pub enum Scene {
    /// The server does not compile.
    Broken(String),
    /// What the script printed.
    Printed(String),
}

/// Builds the stage in `copy`, starts it, runs the script, and ends it.
///
/// # Errors
///
/// Returns an error if cargo, the server or Python cannot be run.
pub fn watch_symptom(
    copy: &Course,
    course: &Course,
    hunt: &Hunt,
    script: &str,
) -> anyhow::Result<Scene> {
    let package = hunt.package();
    let mut build = cargo(copy);
    build.args([
        "test",
        "--no-run",
        "--quiet",
        "--package",
        &package,
        "--test",
        "echo",
    ]);
    let built = build.output().context("cannot run cargo")?;
    if !built.status.success() {
        return Ok(Scene::Broken(
            String::from_utf8_lossy(&built.stderr).trim().to_owned(),
        ));
    }
    let target = copy.target.clone().unwrap_or_else(|| copy.path("target"));
    let log = target.join("server.log");
    let mut server = Server::start(&target.join("debug").join(&package), &log)?;
    let mut python = Command::new("python3");
    python
        .args(["-c", script])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    python
        .env("PYTHONPATH", course.path("tests/practice/hunts"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    python
        .env("PORT", &server.port)
        .env("PID", server.child.id().to_string())
        .env("LOG", &log);
    python.env("PROGRAM", target.join("debug").join(&package));
    let mut python = python
        .spawn()
        .context("cannot run python3, which the ticket's script needs")?;
    let end = Instant::now() + MOST;
    while python.try_wait()?.is_none() {
        if Instant::now() > end {
            let _ = python.kill();
        }
        thread::sleep(Duration::from_millis(10));
    }
    server.end();
    let printed = python.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&printed.stderr);
    ensure!(complaint.is_empty(), "the script failed:\n{complaint}");
    Ok(Scene::Printed(
        String::from_utf8_lossy(&printed.stdout)
            .trim_end()
            .to_owned(),
    ))
}

/// A server that was started for a script.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start(program: &Path, log: &Path) -> anyhow::Result<Self> {
        let log = File::create(log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(program);
        command
            .arg("127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command
            .spawn()
            .with_context(|| program.display().to_string())?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout.take(1000)).read_line(&mut line)?;
        }
        let port = line
            .trim()
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let mut server = Self { child, port };
        if server.port.is_empty() {
            server.end();
            bail!("the server ended before it listened");
        }
        Ok(server)
    }

    fn end(&mut self) {
        // It fails if the server has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        kill_descendants(Duration::from_millis(200));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
