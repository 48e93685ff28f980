//! What the judge says of a hostile server, and what that costs it.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use suite::{eventually_or, slowness};

use super::SERVERS;
use crate::watched::{peak, processes, text};

const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// What the judge may cost at most, in KiB.
const MOST_MEMORY: u64 = 64 << 10;

/// Returns how long the judge of a server waits for what should happen at once, in seconds. A case may take eight times
/// that, which one server makes use of; another one needs time to eat enough.
fn patience(name: &str) -> u32 {
    let seconds = match name {
        "just-in-time" => 2,
        "eats" => 6,
        _ => 3,
    };
    seconds * slowness()
}

/// How long all of it may take: a look at the server is five attempts at most, then comes the case itself, each with ten
/// deadlines.
fn most_time(name: &str) -> Duration {
    Duration::from_secs(60 * u64::from(patience(name)))
}

/// What the judge said of a server.
pub(super) struct Said {
    /// Its report; nothing if it did not come to one.
    report: Value,
    /// What it printed on standard error.
    pub(super) error: String,
}

/// Has the hostile server `name` judged by `case`, as `row`, and sees what that costs.
pub(super) fn judged(name: &str, row: &str, case: &str) -> Said {
    let token = format!("{name}-{}", std::process::id());
    let patience = patience(name).to_string();
    let mut lab = Command::new(LAB);
    lab.args([
        "check",
        "--json",
        "--patience",
        &patience,
        "--as",
        row,
        case,
        "--",
    ]);
    lab.args([SERVERS, name, "{addr}", &token]);
    lab.stdout(Stdio::piped()).stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = lab.spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let report = thread::spawn(move || text(&mut stdout));
    let error = thread::spawn(move || text(&mut stderr));
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > most_time(name) {
            let _ = child.kill();
            panic!(
                "{name}: the judge is still busy after {:?}",
                began.elapsed()
            );
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(
        status.code(),
        Some(1),
        "{name}: the judge ended by {status}"
    );
    assert!(
        memory > 0 && memory <= MOST_MEMORY,
        "{name} cost the judge {memory} KiB"
    );
    eventually_or(
        "all processes of the server to be gone",
        || processes(&token).is_empty(),
        || format!("{:?} are left", processes(&token)),
    );
    let (report, error) = (report.join().unwrap(), error.join().unwrap());
    eprintln!(
        "{name}: {:?}, {memory} KiB\n{report}{error}",
        began.elapsed()
    );
    let report = serde_json::from_str(&report).unwrap_or_default();
    Said { report, error }
}

impl Said {
    /// What was seen in the case, and how the server ended; nothing if no case was begun.
    pub(super) fn sentence(&self) -> String {
        let failed = &self.report["results"][0]["result"]["cases"][0]["outcome"]["failed"];
        let (seen, ended) = (failed["seen"].as_str(), failed["ended"].as_str());
        format!("{} {}", seen.unwrap_or_default(), ended.unwrap_or_default())
    }
}
