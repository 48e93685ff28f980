//! C12: what it costs two workers to talk, in system calls.

use anyhow::ensure;
use suite::Call;

use super::parties::MESSAGES;
use super::worker::end;
use crate::{Evidence, Lab};

/// Processes and threads send messages, over a pipe and through memory; and they use a lock, in turns and
/// at once.
pub(super) fn a_message(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    evidence.aside("system calls of two workers, who …", "");
    let many = MESSAGES as u64;
    for (what, kind, how, expected) in [
        (
            "… send 1,000 messages: processes, a pipe",
            "process",
            "pipe",
            2 * many,
        ),
        (
            "… processes, memory that they share",
            "process",
            "memory",
            0,
        ),
        ("… threads, their memory", "thread", "memory", 0),
        (
            "… take a free lock 1,000 times: processes",
            "process",
            "turns",
            0,
        ),
        ("… threads", "thread", "turns", 0),
        // One to sleep, one to wake it, and one to wake whoever else might sleep.
        ("… meet at a lock, once: processes", "process", "meeting", 3),
        ("… threads", "thread", "meeting", 3),
    ] {
        evidence.count(what, conversation(lab, kind, how)?, expected);
    }
    Ok(())
}

/// The system calls that two workers make to talk, both together.
fn conversation(lab: &Lab, kind: &str, how: &str) -> anyhow::Result<u64> {
    let mut specimen = lab.specimen("talk", &[kind, how])?;
    specimen.expect("ready")?;
    let tracer = lab.trace(specimen.pid())?;
    specimen.tell("go")?;
    specimen.expect("done")?;
    let calls = tracer.finish();
    end(&mut specimen)?;
    between_marks(&calls)
}

/// The calls of each worker after its first mark and before its second.
fn between_marks(calls: &[Call]) -> anyhow::Result<u64> {
    let is_mark = |call: &&Call| call.name() == "getppid";
    let mut workers: Vec<i32> = calls.iter().filter(is_mark).map(|call| call.tid).collect();
    workers.sort_unstable();
    ensure!(
        matches!(*workers, [a, b, c, d] if a == b && b != c && c == d),
        "not two workers with two marks each: {workers:?}"
    );
    workers.dedup();
    let counts = workers.iter().map(|worker| {
        let its_own = calls.iter().filter(|call| call.tid == *worker);
        let behind = its_own.skip_while(|call| !is_mark(call)).skip(1);
        behind.take_while(|call| !is_mark(call)).count() as u64
    });
    Ok(counts.sum())
}
