//! Servers that are wrong in one thing are found out, each by the case that is meant for it, and those that are right
//! pass. They are in `tests/lab/servers`, and no relations of the stages; a few are in Python.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod hostile;
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use python::python;

/// A wrong server.
struct Wrong {
    /// The name of its file.
    name: &'static str,
    /// What it is judged as.
    row: &'static str,
    /// The case that is meant for it.
    case: &'static str,
    /// What that case has to say of it; or, after a `|`, what it says if the server is faster or slower.
    seen: &'static str,
    /// A case that it passes.
    control: &'static str,
}

const fn wrong(
    name: &'static str,
    row: &'static str,
    case: &'static str,
    seen: &'static str,
    control: &'static str,
) -> Wrong {
    Wrong {
        name,
        row,
        case,
        seen,
        control,
    }
}

#[rustfmt::skip]
const WRONG: &[Wrong] = &[
    wrong("blocking_write", "05", "e06_slow_readers", "for the server to be held back", "e01"),
    wrong("dies_with_bytes_under_way", "05", "e13_sigterm", "60,000 bytes", "e01"),
    wrong("edge_without_drain", "05", "e01_bytes_come_back", "then: nothing for", "e09"),
    wrong("fionread_taken_for_all", "05", "e13_urgent_mark", "from byte 6 on", "e13_sigterm"),
    wrong("ignored_signal_taken", "05", "e13_ignored_signal", "Connection refused|are missing|got nothing", "e13_sigint"),
    wrong("leak_on_reset", "05", "e07_resets", "are still open", "e01"),
    wrong("no_reuse_address", "05", "e14_restart", "it exited with 1", "e01"),
    wrong("one_accept_an_edge", "05", "e10_crowd", "then: nothing for", "e01"),
    wrong("one_reset_ends_all", "05", "e07_resets", "reset|came back", "e01"),
    wrong("queue_is_reset", "05", "e13_in_the_queue", "the connection was reset", "e13_sigterm"),
    wrong("rdhup_before_flush", "05", "e04_half_close", "the connection was reset", "e01"),
    wrong("short_write_ignored", "05", "e05_writes_all_then_reads", " bytes are missing", "e09"),
    wrong("single_blocking_client", "any", "e09_second_client", "then: nothing for", "e01"),
    wrong("spin_on_emfile", "05", "e11_out_of_descriptors", "% busy while it waits for descriptors", "e01"),
    wrong("text_not_bytes", "05", "e01_bytes_come_back", "waited for 256 bytes, got nothing", "e09"),
    wrong("unbounded_buffer", "05", "e05_writes_all_then_reads", "although nobody read them", "e01"),
    wrong("unchecked_fd_setsize", "any", "e10_crowd", "reset", "e01"),
    wrong("wakes_by_the_clock", "05", "e03_silence", "with nothing to do", "e01"),
    wrong("zombies", "any", "e08_comings_and_goings", "to give back all that 1,000 clients cost", "e01"),
];

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

/// The wrong server `name` fails in its case for its reason, and passes another.
fn is_found_out(name: &str) {
    let in_rust = here(&format!("servers/wrong/{name}.rs")).exists();
    let server = match in_rust {
        true => Some(rust(name)),
        false => in_python(&format!("tests/wrong/{name}.py")),
    };
    let Some(server) = server else { return };
    let wrong = WRONG.iter().find(|wrong| wrong.name == name);
    let wrong = wrong.unwrap_or_else(|| panic!("{name} is not in the list"));
    // Some of them hang: there is no need to wait for long.
    let short = (5 * suite::slowness()).to_string();
    let (report, content) = check(
        &["--as", wrong.row, "--patience", &short, wrong.case],
        &server,
    );
    let seen = report["cases"][0]["outcome"]["failed"]["seen"].as_str();
    assert!(
        seen.is_some_and(|seen| wrong.seen.split('|').any(|words| seen.contains(words))),
        "{report:#}"
    );
    assert!(!content, "it failed, and the exit code is 0");
    let (report, content) = check(&["--as", wrong.row, wrong.control], &server);
    assert!(
        content,
        "the control case fails, too:\n{}",
        failures(&report)
    );
}

macro_rules! wrong {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                is_found_out(stringify!($name));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

wrong! {
    blocking_write
    dies_with_bytes_under_way
    edge_without_drain
    fionread_taken_for_all
    ignored_signal_taken
    leak_on_reset
    no_reuse_address
    one_accept_an_edge
    one_reset_ends_all
    queue_is_reset
    rdhup_before_flush
    short_write_ignored
    single_blocking_client
    spin_on_emfile
    text_not_bytes
    unbounded_buffer
    unchecked_fd_setsize
    wakes_by_the_clock
    zombies
}

#[test]
fn every_wrong_server_is_tested_and_says_what_it_fails() {
    for folder in ["servers/wrong", "tests/wrong"] {
        for file in fs::read_dir(here(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(TESTED.contains(&name), "{name} is not tested");
            let wrong = WRONG.iter().find(|wrong| wrong.name == name).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let turns_red = text.lines().find(|line| line.contains(" Turns red: "));
            assert!(
                turns_red.is_some_and(|line| line.contains(wrong.case)),
                "{name}: {turns_red:?}"
            );
        }
    }
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
        (&["cat"], "has to be told where to listen"),
    ];
    for (command, words) in cases {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        let output = lab.args(["check", "--"]).args(command).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains(words) && text.lines().count() == 1, "{text}");
    }
}
