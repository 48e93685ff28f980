//! Thirty learners on one machine.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::geteuid;

use super::fixture::Fixture;
use crate::install;

/// What thirty users have judged at the same moment: all but E6, whose stalled clients want more memory for sockets, and
/// more work in 15 s, than a usual machine has for thirty (see docs/chapters/class.md); and but E17, one client's gibibyte,
/// which takes no more of what users share than E5 does, and more CPU time than all others together.
const CASES: [&str; 15] = [
    "e01", "e02", "e03", "e04", "e05", "e07", "e08", "e09", "e10", "e11", "e12", "e13", "e14",
    "e15", "drain",
];

/// Thirty users of one machine each have the same server judged at the same moment, and each sees what a single user sees:
/// neither ports nor files nor descriptors are short.
#[test]
#[ignore = "as much work as thirty suites: takes minutes, and root to be thirty users"]
fn thirty_users_at_once_are_in_nobodys_way() {
    if !geteuid().is_root() {
        // Not by eprintln: the harness hides what a test prints that passes.
        let _ = writeln!(io::stderr(), "skipped: only root can be thirty users");
        return;
    }
    let fixture = Fixture::new();
    let lab = env!("CARGO_BIN_EXE_lab").as_ref();
    install(lab, &fixture.path("bin/lab")).unwrap();
    let start = |number: u32| {
        let (user, home) = (20_000 + number, fixture.path(&format!("home-{number}")));
        fs::create_dir(&home).unwrap();
        chown(&home, Some(user), Some(user)).unwrap();
        let mut lab = Command::new(fixture.path("bin/lab"));
        lab.args(["check", "--as=06"]).args(CASES).arg("--");
        lab.arg(fixture.path("bin/stage-06")).arg("{addr}");
        lab.uid(user)
            .gid(user)
            .current_dir(&home)
            .env("TMPDIR", &home);
        lab.stdout(File::create(fixture.path(&format!("said-{number}"))).unwrap());
        (home, lab.spawn().unwrap())
    };
    let users: Vec<_> = (1..=30).map(start).collect();
    let users = users
        .into_iter()
        .map(|(home, mut lab)| (home, lab.wait().unwrap()));
    // All have ended before anything is said of one.
    for (number, (home, status)) in (1..).zip(users.collect::<Vec<_>>()) {
        let said = fs::read_to_string(fixture.path(&format!("said-{number}"))).unwrap();
        assert!(status.success(), "user {number}: {said}");
        assert_eq!(
            fs::read_dir(home).unwrap().count(),
            0,
            "user {number} leaves files"
        );
    }
}
