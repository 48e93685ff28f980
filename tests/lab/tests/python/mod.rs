//! The servers of `right/` and `wrong/` are written in Python, to be no relations of the stages.

use std::process::Command;

/// The interpreter itself, and not what starts one: that may need a process, which a fault may refuse.
pub(crate) fn python() -> String {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let Ok(answer) = asked else {
        panic!("python3 is not installed: the servers of this test are written in it");
    };
    String::from_utf8_lossy(&answer.stdout).trim().to_owned()
}
