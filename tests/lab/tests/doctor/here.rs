//! This machine, with something taken from the doctor.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::ensure;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use tempfile::TempDir;

use super::{LAB, Said, elsewhere};
use crate::cli::behind::changed_checkout;
use crate::install;

/// Returns the doctor in a process that `change` has changed; it makes system calls only.
fn changed(mut command: Command, change: fn() -> io::Result<()>) -> Command {
    // SAFETY: this runs in a child that was forked from a process of several threads, one of which may hold the
    // allocator's lock. What the tests hand over here makes system calls, and allocates nothing.
    unsafe { command.pre_exec(change) };
    command
}

fn outcome(result: i32) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[test]
fn one_core_is_known() -> anyhow::Result<()> {
    let command = changed(Command::new(LAB), || {
        let stays_on = |cpu: usize| {
            let mut set = [0_u64; 16];
            set[cpu / 64] = 1 << (cpu % 64);
            // SAFETY: the kernel reads as many bytes as the set has, which is a local variable.
            unsafe { libc::sched_setaffinity(0, size_of_val(&set), set.as_ptr().cast()) == 0 }
        };
        outcome(if (0..1_024).any(stays_on) { 0 } else { -1 })
    });
    Said::by(command)?.expect("processors", "limited", "1")
}

#[test]
fn a_limit_of_tasks_is_known_that_does_not_bind_root() -> anyhow::Result<()> {
    let few = || Ok(setrlimit(Resource::RLIMIT_NPROC, 900, 900)?);
    let (_folder, command) = elsewhere(&[])?;
    Said::by(changed(command, few))?.expect("tasks", "limited", "900 (ulimit -u)")?;
    let (_folder, command) = elsewhere(&[("proc/self/status", "Uid:\t0\t0\n")])?;
    Said::by(changed(command, few))?.expect("tasks", "fine", "32,768")
}

/// The kernel's own list of mounts says of a folder what statfs(2) does.
#[test]
fn temporary_files_in_memory_are_known() -> anyhow::Result<()> {
    let memory = "/dev/shm";
    match statfs(memory) {
        Ok(system) if system.filesystem_type() == TMPFS_MAGIC => {}
        _ => return skipped(&io::Error::other("/dev/shm is not in memory")),
    }
    let mut command = Command::new(LAB);
    command.env("TMPDIR", memory);
    Said::by(command)?.expect("temporary files", "limited", "/dev/shm (tmpfs)")
}

/// Says what could not be tried.
fn skipped(why: &io::Error) -> anyhow::Result<()> {
    let _ = writeln!(io::stderr(), "skipped: {why}");
    Ok(())
}

#[test]
fn a_loopback_that_is_down_is_known() -> anyhow::Result<()> {
    let alone = || {
        // SAFETY: other threads would be moved, too, if there were any; a forked process has one.
        outcome(unsafe { libc::unshare(libc::CLONE_NEWNET) })
    };
    let tried = changed(Command::new("true"), alone).status();
    if let Err(why) = tried {
        return skipped(&why);
    }
    let said = Said::by(changed(Command::new(LAB), alone))?;
    said.expect("loopback", "missing", "ip link set lo up")?;
    said.expect("IPv6", "limited", "no ::1")
}

#[test]
fn a_user_without_rights_is_told_of_raw_sockets() -> anyhow::Result<()> {
    const NOBODY: u32 = 65_534;
    let mut command = Command::new(LAB);
    // A user that is not root has no such right already.
    if fs::metadata(LAB)?.permissions().mode() & 0o001 != 0 && rights_can_be_dropped() {
        command.uid(NOBODY).gid(NOBODY);
    }
    Said::by(command)?.expect("raw sockets", "limited", "docker run --cap-add NET_RAW")
}

fn rights_can_be_dropped() -> bool {
    Command::new("true")
        .uid(65_534)
        .gid(65_534)
        .status()
        .is_ok()
}

/// Returns a folder with a program: a shell script.
fn folder_with(program: &str, script: &str) -> anyhow::Result<TempDir> {
    let folder = TempDir::new()?;
    let text = folder.path().join("text");
    fs::write(&text, format!("#!/bin/sh\n{script}\n"))?;
    install(&text, &folder.path().join(program))?;
    Ok(folder)
}

#[test]
fn another_netcat_is_known() -> anyhow::Result<()> {
    for (script, known) in [
        (
            "printf '\\t-N\\tShutdown the network socket after EOF on stdin\\n' >&2",
            true,
        ),
        (
            "echo '[v1.10-47] options: -n numeric-only -q secs' >&2; exit 1",
            false,
        ),
        ("echo 'Usage: nc [-iN] [-wN] [-l] [-p PORT]'; exit 1", false),
    ] {
        let folder = folder_with("nc", script)?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [folder.path().as_os_str(), &path].join(OsStr::new(":"));
        let mut command = Command::new(LAB);
        command.env("PATH", path);
        let said = Said::by(command)?;
        let seen = said.expect("nc", "limited", "which has no -N");
        ensure!(seen.is_err() == known, "{script}: {}", said.text);
    }
    Ok(())
}

#[test]
fn a_folder_that_is_no_clone_is_known() -> anyhow::Result<()> {
    for (name, value, words) in [
        ("GIT_DIR", "/nowhere", "take the course by git clone"),
        ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", "safe.directory"),
    ] {
        let mut command = Command::new(LAB);
        command.env(name, value);
        Said::by(command)?.expect("clone", "limited", words)?;
    }
    let checkout = changed_checkout()?;
    let mut command = Command::new(LAB);
    command
        .env("GIT_DIR", checkout.path().join(".git"))
        .env("GIT_WORK_TREE", checkout.path());
    Said::by(command)?.expect("checkout", "limited", "01-blocking/src/lib.rs is changed")
}
