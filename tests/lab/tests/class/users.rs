//! Thirty learners on one machine.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::geteuid;

use super::Fixture;

/// Thirty users of one machine each have the same server judged by all cases at the same moment, and each sees what a
/// single user sees: neither ports nor files nor the memory of sockets are short.
#[test]
#[ignore = "as much work as thirty suites: takes minutes, and root to be thirty users"]
fn thirty_users_at_once_are_in_nobodys_way() {
    if !geteuid().is_root() {
        eprintln!("skipped: only root can be thirty users");
        return;
    }
    let fixture = Fixture::new();
    fs::copy(env!("CARGO_BIN_EXE_lab"), fixture.path("bin/lab")).unwrap();
    let start = |number: u32| {
        let (user, home) = (20_000 + number, fixture.path(&format!("home-{number}")));
        fs::create_dir(&home).unwrap();
        chown(&home, Some(user), Some(user)).unwrap();
        let mut lab = Command::new(fixture.path("bin/lab"));
        lab.args(["check", "--as=06", "--"])
            .arg(fixture.path("bin/stage-06"));
        lab.arg("{addr}")
            .uid(user)
            .gid(user)
            .current_dir(&home)
            .env("TMPDIR", &home);
        lab.stdout(File::create(fixture.path(&format!("said-{number}"))).unwrap());
        (home, lab.spawn().unwrap())
    };
    let users: Vec<_> = (1..=30).map(start).collect();
    for (number, (home, mut lab)) in (1..).zip(users) {
        let status = lab.wait().unwrap();
        let said = fs::read_to_string(fixture.path(&format!("said-{number}"))).unwrap();
        assert!(status.success(), "user {number}: {said}");
        assert_eq!(
            fs::read_dir(home).unwrap().count(),
            0,
            "user {number} leaves files"
        );
    }
}
