//! Stage 8 as a server of files: what a client gets, and how the kernel sees it done.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod again;
mod conditions;
mod connections;
mod copied;
mod crowds;
mod files;
mod framing;
mod fresh;
mod heads;
mod lines;
mod pages;
mod paths;
mod properties;
mod ranges;
mod refusal;
mod sharing;
mod site;
mod start;
mod timeouts;
mod truncation;

use assert_cmd::Command;
use suite::Faults;

/// What cannot be served is one line, and an exit code.
#[test]
fn a_root_that_is_none_is_one_line() {
    for (arguments, code, named) in [
        (
            vec!["--root", "/nonexistent"],
            1,
            "cannot serve /nonexistent",
        ),
        (
            vec!["--root", "/proc/self/exe"],
            1,
            "cannot serve /proc/self/exe",
        ),
        (vec!["--http", "127.0.0.1:0"], 2, "--root"),
        (vec!["--root"], 2, "--root"),
        (vec!["--root", "/", "--version=3"], 2, "--version"),
        (vec!["--root", "/", "--http", "nonsense"], 2, "nonsense"),
    ] {
        let output = Command::new(suite::program(env!("CARGO_BIN_EXE_stage-08")))
            .args(&arguments)
            .timeout(suite::deadline())
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(
            text.contains(named) && text.lines().count() == 1,
            "{arguments:?}: {text}"
        );
    }
}

/// On an old kernel, or in a container that forbids what it does not know.
#[test]
fn without_openat2_it_is_named() {
    for error in [libc::ENOSYS, libc::EPERM] {
        let mut server = std::process::Command::new(suite::program(env!("CARGO_BIN_EXE_stage-08")));
        let faults = Faults {
            refused: Some((libc::SYS_openat2, error)),
            ..Faults::NONE
        };
        faults.prepare(&mut server);
        server.args(["--root", "/"]);
        let mut server = Command::from_std(server);
        let output = server.timeout(suite::deadline()).output();
        let output = output.expect("the program starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        let named = text.starts_with("stage-08: cannot serve /: openat2: E");
        assert!(named && text.lines().count() == 1, "{text}");
    }
}
