//! Servers that are wrong in one thing are found out, each by the case that is meant for it, and those that are right
//! pass. They are in `tests/lab/servers`, and no relations of the stages; a few are in Python.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod hostile;
pub(crate) mod python;
mod wrong;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use python::python;

/// Returns a file of the lab's folder.
fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the command of a server of `tests/lab/servers`.
fn rust(name: &str) -> Vec<String> {
    [env!("CARGO_BIN_EXE_servers"), name, "{addr}"]
        .map(str::to_owned)
        .into()
}

/// Returns the command of a server in Python, if there is a Python.
fn in_python(file: &str) -> Option<Vec<String>> {
    let python = python(file)?;
    let file = here(file).to_string_lossy().into_owned();
    Some(vec![python, file, "{addr}".to_owned()])
}

/// Returns what `cargo lab check ARGUMENTS -- SERVER` reports, and whether it is content.
fn check(arguments: &[&str], server: &[String]) -> (Value, bool) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["check", "--json"]).args(arguments);
    lab.arg("--").args(server);
    let output = lab
        .output()
        .unwrap_or_else(|error| panic!("cannot run the lab: {error}"));
    let all: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (all["results"][0]["result"].clone(), output.status.success())
}

/// Returns the cases of a report that failed, with all that it says of each. (Those that passed would bury them: a log may
/// cut what is long.)
fn failures(report: &Value) -> String {
    let cases = report["cases"].as_array().map_or(&[][..], Vec::as_slice);
    let failed = cases
        .iter()
        .filter(|case| case["outcome"]["failed"].is_object());
    let failed: Vec<String> = failed.map(|case| format!("{case:#}")).collect();
    failed.join("\n")
}

#[test]
fn a_right_server_passes() {
    passes(&rust("echo"), "05");
}

/// CI judges it by all cases.
#[test]
fn a_right_server_in_python_passes() {
    let Some(server) = in_python("tests/right/echo.py") else {
        return;
    };
    if std::env::var_os("CI").is_some() {
        return passes(&server, "05");
    }
    // The others take long in Python.
    let (report, content) = check(&["e01", "e04", "e07", "e09", "e10_crowd", "e13"], &server);
    assert!(content, "{}", failures(&report));
    assert_eq!(report["judged_as"], "05", "{:#}", report["seen"]);
}

#[test]
fn a_right_server_on_select_passes() {
    passes(&rust("capped"), "05, below descriptor 1,024");
}

/// One that ends in a way of its own keeps the contract; the course's stages are held to more.
#[test]
fn manners_of_its_own_are_right() {
    let server = rust("own_manners");
    let (report, content) = check(&["e13"], &server);
    assert!(content, "{}", failures(&report));
    assert_eq!(report["judged_as"], "05", "{:#}", report["seen"]);
    for (case, seen) in [
        (
            "e13_second_signal",
            "made no difference: it exited with 130",
        ),
        ("e13_still_talking", "of 10 bytes sent, 0 came back"),
    ] {
        let (report, content) = check(&["--as", "05", case], &server);
        let said = report["cases"][0]["outcome"]["failed"]["seen"].as_str();
        let is_said = said.is_some_and(|said| said.contains(seen));
        assert!(!content && is_said, "{report:#}");
    }
}

/// A server passes every case of the row that fits it.
fn passes(server: &[String], row: &str) {
    let (report, content) = check(&[], server);
    assert!(content, "{}", failures(&report));
    assert_eq!(report["judged_as"], row, "{:#}", report["seen"]);
    // In which pieces it answers is its own affair.
    assert_eq!(report["not_judged"], 1);
}

/// One that does not start, that ends at once, or that is not told where to listen: one line, and exit code 1.
#[test]
fn what_does_not_start_is_said_in_a_line() {
    let cases = [
        (
            &["./there-is-none", "{addr}"][..],
            "cannot start ./there-is-none",
        ),
        (
            &["sh", "-c", "echo what is wrong >&2; exit 3", "{addr}"],
            "it exited with 3; the last line on standard error: what is wrong",
        ),
        (&["cat"], "does not tell the server where to listen"),
    ];
    for (command, words) in cases {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        let output = lab.args(["check", "--"]).args(command).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains(words) && text.lines().count() == 1, "{text}");
    }
}
