//! C12: what it costs two workers to talk, in system calls.

use anyhow::ensure;
use suite::Call;

use super::parties::MESSAGES;
use super::worker::end;
use crate::{Evidence, Lab};

/// Processes and threads send messages, over a pipe and through memory; and they use a lock, in turns and
/// at once.
pub(super) fn a_message(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const PIPE: &str = "… send 1,000 messages: processes, a pipe";
    const FREE_LOCK: &str = "… take a free lock 1,000 times: processes";
    evidence.aside("system calls of two workers, who …", "");
    for (what, who_and_how, expected) in [
        (PIPE, ["process", "pipe"], 2 * MESSAGES),
        (
            "… processes, memory that they share",
            ["process", "memory"],
            0,
        ),
        ("… threads, their memory", ["thread", "memory"], 0),
        (FREE_LOCK, ["process", "turns"], 0),
        ("… threads", ["thread", "turns"], 0),
        // One to sleep, one to wake it, and one to wake whoever else might sleep.
        (
            "… meet at a lock, once: processes",
            ["process", "meeting"],
            3,
        ),
        ("… threads", ["thread", "meeting"], 3),
    ] {
        evidence.count(what, conversation(lab, &who_and_how)?, expected);
    }
    Ok(())
}

/// Returns how many system calls two workers make to talk, both together.
fn conversation(lab: &Lab, who_and_how: &[&str]) -> anyhow::Result<usize> {
    let mut specimen = lab.specimen("talk", who_and_how)?;
    specimen.expect("ready")?;
    let tracer = lab.trace(specimen.pid())?;
    specimen.go_on("done")?;
    let calls = tracer.finish();
    end(&mut specimen)?;
    between_marks(&calls)
}

/// Returns how many calls each worker makes after its first mark and before its second.
fn between_marks(calls: &[Call]) -> anyhow::Result<usize> {
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
        behind.take_while(|call| !is_mark(call)).count()
    });
    Ok(counts.sum())
}
