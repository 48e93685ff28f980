//! System calls that a filter refuses: the doctor knows them, and the lab blames no server for them.

use std::process::Command;

use anyhow::ensure;
use libc::{EINVAL, ENOSYS, EPERM};
use suite::Faults;

use super::{LAB, Said, elsewhere};

#[test]
fn a_call_that_is_refused_is_known() -> anyhow::Result<()> {
    let yama = ("proc/sys/kernel/yama/ptrace_scope", "2\n");
    let forbidden = ("proc/sys/kernel/io_uring_disabled", "2\n");
    let plain = ("nothing", "");
    let mut complaints = Vec::new();
    for (call, error, file, what, words) in [
        (
            libc::SYS_ptrace,
            EPERM,
            plain,
            "ptrace",
            "by a filter (seccomp)",
        ),
        (
            libc::SYS_ptrace,
            EPERM,
            yama,
            "ptrace",
            "sudo sysctl kernel.yama.ptrace_scope=1",
        ),
        (
            libc::SYS_close_range,
            ENOSYS,
            plain,
            "close_range",
            "no server can be started",
        ),
        (
            libc::SYS_close_range,
            ENOSYS,
            plain,
            "ptrace",
            "nothing can be started",
        ),
        (
            libc::SYS_pidfd_getfd,
            EPERM,
            plain,
            "pidfd_getfd",
            "--cap-add SYS_PTRACE",
        ),
        (
            libc::SYS_openat2,
            ENOSYS,
            plain,
            "openat2",
            "stage 8 does not serve a folder",
        ),
        (libc::SYS_openat2, EPERM, plain, "openat2", "EPERM"),
        (
            libc::SYS_io_uring_setup,
            EPERM,
            plain,
            "io_uring",
            "seccomp=unconfined",
        ),
        (
            libc::SYS_io_uring_setup,
            EPERM,
            forbidden,
            "io_uring",
            "sudo sysctl kernel.io_uring_disabled=0",
        ),
        (
            libc::SYS_io_uring_setup,
            ENOSYS,
            plain,
            "io_uring",
            "seccomp=unconfined",
        ),
        (
            libc::SYS_io_uring_setup,
            EINVAL,
            plain,
            "io_uring",
            "need Linux 6.1",
        ),
    ] {
        let (_folder, mut command) = elsewhere(&[file])?;
        Faults {
            refused: Some((call, error)),
            ..Faults::NONE
        }
        .prepare(&mut command);
        let state = if what == "io_uring" {
            "limited"
        } else {
            "missing"
        };
        let said = Said::by(command)?.expect(what, state, words);
        complaints.extend(
            said.err()
                .map(|complaint| format!("{call}, {error}: {complaint}")),
        );
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Where a server cannot start, the reason is its own to say, on its standard error.
#[test]
fn what_a_server_says_is_passed_on() -> anyhow::Result<()> {
    let mut command = Command::new(LAB);
    let refused = Some((libc::SYS_io_uring_setup, EPERM));
    let faults = Faults {
        refused,
        ..Faults::NONE
    };
    faults.prepare(command.args(["xray", "uring"]));
    let text = String::from_utf8(command.output()?.stderr)?;
    let line = "its standard error: uring: cannot go on: io_uring is forbidden here";
    ensure!(text.contains(line) && text.lines().count() == 1, "{text}");
    Ok(())
}

/// A server is not blamed for what the machine forbids.
#[test]
fn what_cannot_be_seen_is_not_judged() -> anyhow::Result<()> {
    for (call, case) in [
        (libc::SYS_ptrace, "e12_spurious_readiness"),
        (libc::SYS_pidfd_getfd, "e04_half_close"),
    ] {
        let mut command = Command::new(LAB);
        command.args(["check", case, "--"]);
        command.args([env!("CARGO_BIN_EXE_servers"), "echo", "{addr}"]);
        let refused = Some((call, EPERM));
        let faults = Faults {
            refused,
            ..Faults::NONE
        };
        faults.prepare(&mut command);
        let output = command.output()?;
        let text = String::from_utf8(output.stdout)?;
        ensure!(
            text.contains("1 not judged") && text.contains("cargo lab doctor"),
            "{text}"
        );
        ensure!(output.status.success(), "{call}: {text}");
    }
    Ok(())
}
