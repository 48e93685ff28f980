//! The class as a folder, and its judge.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::geteuid;
use serde_json::Value;
use suite::slowness;
use tempfile::TempDir;

use super::{CASES, CLASS};
use crate::install;
use crate::watched::{processes, text};

/// The class, in a folder of its own.
pub(super) struct Fixture {
    folder: TempDir,
    pub(super) token: String,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let fixture = Self {
            folder: TempDir::new().unwrap(),
            token: format!("class-{}", std::process::id()),
        };
        fs::create_dir(fixture.path("bin")).unwrap();
        fs::create_dir(fixture.path("tmp")).unwrap();
        // Strangers run what is here, too.
        for folder in ["", "bin", "tmp"] {
            fs::set_permissions(fixture.path(folder), Permissions::from_mode(0o755)).unwrap();
        }
        let stages =
            (1..=8).map(|number| lab::world::build(&format!("stage-{number:02}")).unwrap());
        for program in stages.chain([env!("CARGO_BIN_EXE_servers").into()]) {
            let name = program.file_name().unwrap().to_str().unwrap();
            install(&program, &fixture.path("bin").join(name)).unwrap();
        }
        for (name, _, _) in CLASS {
            let folder = fixture.path("class").join(name);
            fs::create_dir_all(&folder).unwrap();
            // Without the right to be executed, as a web form hands it on.
            fs::write(folder.join("run"), fixture.script(name)).unwrap();
        }
        // One that leaves a process behind before anything is judged.
        let servers = fixture.path("bin").join("servers").display().to_string();
        let left = format!(
            "setsid {servers} silent 127.0.0.1:0 {} > /dev/null 2>&1 &",
            fixture.token
        );
        fs::write(
            fixture.path("class/12-late/build"),
            format!("#!/bin/sh\n{left}\n"),
        )
        .unwrap();
        fixture
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns what `name` has handed in.
    pub(super) fn script(&self, name: &str) -> String {
        let (_, run, _) = CLASS.iter().find(|(known, ..)| *known == name).unwrap();
        // Only another user cannot do that.
        let class = match geteuid().is_root() {
            true => self.path("class").display().to_string(),
            false => "nowhere".to_owned(),
        };
        let run = run.replace("BIN", &self.path("bin").to_string_lossy());
        let run = run.replace("CLASS", &class);
        format!("#!/bin/sh\n{}\n", run.replace("TOKEN", &self.token))
    }

    /// Judges the class, and returns the report, what was printed, and how many processes with the token there were at most.
    pub(super) fn judged(&self) -> (Value, String, usize) {
        let report = self.path("report.json");
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.arg("class").arg(self.path("class")).args(CASES);
        // Twice as many as usual: half of the class waits most of the time, for what never comes.
        lab.arg("--jobs=4");
        lab.arg("--pages").arg(self.path("pages"));
        lab.arg("--report")
            .arg(&report)
            .env("TMPDIR", self.path("tmp"));
        let mut lab = lab.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = lab.stdout.take().unwrap();
        let printed = thread::spawn(move || text(&mut stdout));
        let (began, mut most) = (Instant::now(), 0);
        while lab.try_wait().unwrap().is_none() {
            most = most.max(processes(&self.token).len());
            let is_late = began.elapsed() > Duration::from_secs(400) * slowness();
            assert!(!is_late, "the class takes {:?}", began.elapsed());
            thread::sleep(Duration::from_millis(100));
        }
        eprintln!("{:?}, {most} processes at most", began.elapsed());
        let report = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
        (report, printed.join().unwrap(), most)
    }
}
