//! The first caller of poll: Rust's own runtime, before main.

use std::sync::mpsc::channel;

use suite::{Call, read_memory};

use crate::world::in_a_row;
use crate::{Evidence, Lab};

/// A Rust program that does nothing, traced from its first system call on.
pub(super) fn before_main(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let words = [&lab.program(), "specimen", "says-a-line"];
    let mut specimen = lab.specimen("become", &words)?;
    specimen.expect("ready")?;
    let pid = specimen.pid();
    let (ask, asked) = channel();
    let tracer = lab.trace_with(pid, move |call| {
        if matches!(call.name(), "poll" | "ppoll") {
            // Nobody listens any more if the experiment has failed.
            let _ = ask.send(descriptors(pid, call));
        }
    })?;
    specimen.go_on("in main")?;
    let calls = tracer.finish();
    let is_start = |call: &&Call| call.name() == "execve" && call.result == 0;
    let started = calls.iter().filter(is_start).count();
    evidence.count("programs started while it was traced", started, 1);
    let asked: Vec<String> = asked.iter().collect();
    evidence.count("calls of poll before main", asked.len(), 1);
    let numbers = asked.first().map(String::as_str).unwrap_or_default();
    evidence.outcome("about the descriptors", numbers, "0 1 2");
    Ok(())
}

/// Returns the descriptors in the entries of a poll.
fn descriptors(pid: i32, call: &Call) -> String {
    let size = size_of::<libc::pollfd>();
    let bytes = read_memory(pid, call.args[0], call.args[1] as usize * size);
    let bytes = bytes.unwrap_or_default();
    // The descriptor is the first field.
    let first = |entry: &[u8]| entry.first_chunk().map_or(-1, |fd| i32::from_ne_bytes(*fd));
    in_a_row(bytes.chunks_exact(size).map(first))
}

/// The specimen that does nothing.
pub(super) fn says_a_line(_: &[String]) -> anyhow::Result<()> {
    println!("in main");
    Ok(())
}
