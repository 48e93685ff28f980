//! The first caller of poll: Rust's own runtime, before main.

use std::env;
use std::io::stdin;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::bail;
use suite::{Call, read_memory};

use crate::{Evidence, Lab};

/// A Rust program that does nothing, traced from its first system call on.
pub(super) fn before_main(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let mut specimen = lab.specimen("becomes-another", &[])?;
    specimen.expect("ready")?;
    let pid = specimen.pid();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let tracer = lab.trace_with(pid, {
        let asked = Arc::clone(&asked);
        move |call| {
            if matches!(call.name(), "poll" | "ppoll") {
                let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
                asked.push(descriptors(pid, call));
            }
        }
    })?;
    specimen.tell("go")?;
    specimen.expect("in main")?;
    let calls = tracer.finish();
    let is_start = |call: &&Call| call.name() == "execve" && call.result == 0;
    let started = calls.iter().filter(is_start).count();
    evidence.count("programs started while it was traced", started as u64, 1);
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    evidence.count("calls of poll before main", asked.len() as u64, 1);
    let numbers = asked.first().map(String::as_str).unwrap_or_default();
    evidence.outcome("about the descriptors", numbers, "0 1 2");
    Ok(())
}

/// The descriptors in the entries of a poll.
fn descriptors(pid: i32, call: &Call) -> String {
    let size = size_of::<libc::pollfd>();
    let bytes = read_memory(pid, call.args[0], call.args[1] as usize * size);
    let bytes = bytes.unwrap_or_default();
    // The descriptor is the first field.
    let first = |entry: &[u8]| entry.first_chunk().map_or(-1, |fd| i32::from_ne_bytes(*fd));
    let numbers = bytes
        .chunks_exact(size)
        .map(|entry| first(entry).to_string());
    numbers.collect::<Vec<_>>().join(" ")
}

/// The specimen: becomes a Rust program, when it is told to.
pub(super) fn becomes_another(_: &[String]) -> anyhow::Result<()> {
    println!("ready");
    stdin().read_line(&mut String::new())?;
    let error = Command::new(env::current_exe()?)
        .args(["specimen", "says-a-line"])
        .exec();
    bail!(error)
}

/// The specimen that it becomes.
pub(super) fn says_a_line(_: &[String]) -> anyhow::Result<()> {
    println!("in main");
    Ok(())
}
