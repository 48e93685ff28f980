//! A few servers are written in Python, to show that the suite judges any language.

use std::io::{self, Write};
use std::process::Command;

/// Returns the interpreter itself, and not what starts one, because that may need a process, which a fault may refuse. Where
/// there is none, it says what is `skipped`. (CI has to have it.)
pub(crate) fn python(skipped: &str) -> Option<String> {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let Some(answer) = asked.ok().filter(|answer| answer.status.success()) else {
        assert!(std::env::var_os("CI").is_none(), "CI has to have python3");
        // Not by eprintln: the harness hides what a test prints that passes.
        let _ = writeln!(
            io::stderr(),
            "skipped: {skipped}, because python3 is not here"
        );
        return None;
    };
    Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}
