//! `cargo lab hunt see`: starts the server of the copy, and runs the ticket's script against it.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::sys::prctl;
use suite::{Faults, kill_descendants};

use super::{Hunt, Kind, find, workplace};
use crate::course::Course;
use crate::judge::{Built, build, patience};
use crate::progress::Progress;
use crate::talk::{Talk, Tone};

/// How long a script may take. It has shorter limits of its own.
const MOST: Duration = Duration::from_secs(60);

/// Shows what the ticket's script prints now.
///
/// # Errors
///
/// Returns an error if no hunt is under way, and those of [`watch`].
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
    talk.toned(
        Tone::Strong,
        format!("Hunt {}: {}", hunt.number, hunt.title),
    );
    talk.gap();
    let copy = copy_of(course, number);
    match build_and_watch(&copy, course, &hunt, script)? {
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
        // What the course needs from elsewhere is compiled there already.
        target: Some(course.path("target")),
    }
}

/// What came of the attempt to run a script.
#[derive(Debug)]
pub(super) enum Scene {
    /// The server does not compile.
    Broken(String),
    /// What the script printed.
    Printed(String),
}

/// Builds the stage in `copy`, and runs the script against its server.
pub(super) fn build_and_watch(
    copy: &Course,
    course: &Course,
    hunt: &Hunt,
    script: &str,
) -> anyhow::Result<Scene> {
    let built = build(copy, &hunt.package(), &["echo".to_owned()])?;
    Ok(match built {
        Built::Broken(errors) => Scene::Broken(errors),
        Built::Ready(programs) => {
            let printed = watch(course, hunt, &programs.server, script, patience())?;
            Scene::Printed(printed)
        }
    })
}

/// Starts the server, runs the script, which waits as long as `patience` says, and ends it. Returns what the script
/// printed.
///
/// # Errors
///
/// Returns an error if the server or Python cannot be run, or if the script fails.
pub fn watch(
    course: &Course,
    hunt: &Hunt,
    server: &Path,
    script: &str,
    patience: Duration,
) -> anyhow::Result<String> {
    let target = server.parent().context("the server is in no folder")?;
    let log = target.join("hunt.log");
    let site = (hunt.stage == 8)
        .then(|| lay_out_site(target))
        .transpose()?;
    let mut server = Server::start(server, &log, site.as_deref())?;
    let mut python = Command::new("python3");
    python.args(["-c", script]).stdin(Stdio::null());
    python.stdout(Stdio::piped()).stderr(Stdio::piped());
    python.env("PYTHONPATH", course.path("tests/practice/hunts"));
    python.env("PYTHONDONTWRITEBYTECODE", "1").env("LOG", &log);
    python.env("SECONDS", patience.as_secs_f64().to_string());
    python.env("PORT", &server.port).env("HTTP", &server.http);
    python.env("PID", server.child.id().to_string());
    let mut python = python.spawn().context(
        "the ticket's script needs Python 3 (`sudo apt install python3`): cannot run python3",
    )?;
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
    let printed = String::from_utf8_lossy(&printed.stdout);
    Ok(printed.trim_end().to_owned())
}

/// Makes a site for stage 8 to serve: a file, an empty one, and a link that leads out of the root.
fn lay_out_site(target: &Path) -> anyhow::Result<PathBuf> {
    let folder = target.join("hunt-site");
    let root = folder.join("root");
    crate::store::create_folder(&root)?;
    let hundred: String = (0..100).map(|number| number.to_string()).collect();
    crate::store::replace(&root.join("hundred.txt"), &hundred)?;
    crate::store::replace(&root.join("empty.txt"), "")?;
    crate::store::replace(&folder.join("outside.txt"), "outside of the root\n")?;
    match symlink("../outside.txt", root.join("link.txt")) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(root),
    }
}

/// A server that was started for a script.
struct Server {
    child: Child,
    port: String,
    /// Where it serves files, if it does.
    http: String,
}

impl Server {
    /// Starts it, to serve the files of `site`, too, if there is one.
    fn start(program: &Path, log: &Path, site: Option<&Path>) -> anyhow::Result<Self> {
        // What loses its parent becomes a child of this process, and can be ended.
        prctl::set_child_subreaper(true)?;
        let log = File::create(log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(program);
        command.arg("127.0.0.1:0").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(log);
        if let Some(site) = site {
            command.args(["--http", "127.0.0.1:0", "--root"]).arg(site);
        }
        // Where this was started in the background, SIGINT is ignored, and would stay so.
        Faults::NONE.prepare(&mut command);
        let child = command.spawn();
        let child = child.with_context(|| program.display().to_string())?;
        let mut server = Self {
            child,
            port: String::new(),
            http: String::new(),
        };
        let stdout = server.child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout.take(1000)).lines();
        let mut port = || -> anyhow::Result<String> {
            let line = lines
                .next()
                .context("the server ended before it listened")??;
            let port = line.trim_end_matches('/').rsplit(':').next();
            Ok(port.unwrap_or_default().to_owned())
        };
        server.port = port()?;
        if site.is_some() {
            server.http = port()?;
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
