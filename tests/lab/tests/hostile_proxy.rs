//! A proxy that means ill cannot break the judge: it ends in time, says in a sentence what it saw, and holds no more memory
//! than for any other server.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::check::python::python;
use crate::watched::peak;

/// What the judge may cost at most, in KiB.
const MOST_MEMORY: u64 = 64 << 10;

#[test]
fn one_that_talks_without_end_is_found_out_in_time() {
    let Some(python) = python("a proxy that talks without end") else {
        return;
    };
    let patience = 2 * suite::slowness();
    // Two cases at a time, and none takes more than ten deadlines.
    let cases = ["p01", "p02_half_close_of", "p04_slow_client", "p05", "p07"];
    let most = Duration::from_secs(10 * u64::from(patience)) * 8;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_proxies");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["check", "--json", "--as", "proxy", "--jobs", "2"]);
    lab.args(["--patience", &patience.to_string()]).args(cases);
    lab.arg("--")
        .arg(python)
        .arg(file.join("talks_without_end.py"));
    lab.args(["{addr}", "{backend}"]).stdout(Stdio::piped());
    let began = Instant::now();
    let mut child = lab.spawn().unwrap();
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > most {
            let _ = child.kill();
            panic!("the judge is still busy after {:?}", began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let report: Value = serde_json::from_reader(child.stdout.take().unwrap()).unwrap();
    let report = &report["results"][0]["result"];
    assert_eq!(status.code(), Some(1), "{report:#}");
    assert!(memory <= MOST_MEMORY, "it cost the judge {memory} KiB");
    for case in report["cases"].as_array().unwrap() {
        let failed = &case["outcome"]["failed"];
        let is_judged = case["outcome"]["not_judged"].is_null();
        let is_said = failed["seen"].as_str().is_some_and(|seen| !seen.is_empty());
        assert!(is_said || !is_judged, "{case:#}");
        assert!(!is_judged || failed["chapter"] == "proxy", "{case:#}");
    }
}
