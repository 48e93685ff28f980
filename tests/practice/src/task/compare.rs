//! `cargo lab task compare`: the learner's code next to the course's, and what both cost.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;
use serde_json::json;
use similar::TextDiff;
use suite::{Call, Subject, older_name, reason, with_last_words};

use super::check::next_task;
use super::open::Open;
use crate::course::Course;
use crate::judge::{Built, build};
use crate::progress::State;
use crate::talk::{Talk, Tone};

/// How many echoes are counted.
const ECHOES: usize = 10;

/// Shows what differs between the learner's code and the course's, and the system calls of both.
///
/// # Errors
///
/// Returns an error if the task is not solved, and those of the file system.
pub fn compare(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let mut open = Open::look(course)?;
    let task = open.task.clone();
    ensure!(
        open.entry().state == State::Solved,
        "task {} is not solved yet: `cargo lab task check` judges it, and `cargo lab task solution` gives it up",
        task.number
    );
    let (yours, ours) = (open.body(course)?, open.entry().course.clone());
    talk.fact("task", task.number.as_str());
    talk.fact("yours", yours.as_str());
    talk.fact("course", ours.as_str());
    if yours == ours {
        talk.toned(Tone::Good, "Your code is the course's, to the last byte.");
    } else {
        talk.toned(
            Tone::Strong,
            format!("`{}`: - is yours, + is the course's", task.function),
        );
        talk.gap();
        let diff = TextDiff::from_lines(&yours, &ours);
        let diff = diff.unified_diff().context_radius(3).to_string();
        talk.lines(
            Tone::Plain,
            diff.lines()
                .filter(|line| !line.starts_with("\\ "))
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    count(course, &task.package(), &task.number, task.stage(), talk)?;
    talk.gap();
    talk.text(&task.compare);
    next_task(course, &open, talk)?;
    Ok(true)
}

/// Counts the system calls of both servers, if the course's was kept and calls can be counted here.
fn count(
    course: &Course,
    package: &str,
    number: &str,
    stage: &str,
    talk: &mut Talk,
) -> anyhow::Result<()> {
    let kept = course.store.path("course").join(number);
    let Built::Ready(programs) = build(course, package, &["echo".to_owned()])? else {
        return Ok(());
    };
    let stage = stage.parse().unwrap_or(1);
    talk.gap();
    let counted =
        calls(stage, &programs.server).and_then(|yours| Ok((yours, calls(stage, &kept)?)));
    let (yours, ours) = match counted {
        Ok(both) => both,
        Err(why) => {
            talk.text(format!(
                "System calls could not be counted here: {why}. `cargo lab doctor` may know why."
            ));
            return Ok(());
        }
    };
    talk.toned(
        Tone::Strong,
        format!("System calls of one client that has {ECHOES} messages echoed, and leaves:"),
    );
    talk.gap();
    talk.toned(
        Tone::Plain,
        format!("    {:<16}{:>8}{:>14}", "", "yours", "the course's"),
    );
    let names: std::collections::BTreeSet<&String> = yours.keys().chain(ours.keys()).collect();
    for name in names {
        let of = |calls: &Calls| calls.get(name).copied().unwrap_or(0);
        talk.toned(
            Tone::Plain,
            format!("    {name:<16}{:>8}{:>14}", of(&yours), of(&ours)),
        );
    }
    talk.fact("calls", json!({ "yours": yours, "course": ours }));
    Ok(())
}

/// How often each system call was made.
type Calls = BTreeMap<String, usize>;

/// Counts the calls of a server, from the arrival of a client to its end.
fn calls(stage: u8, program: &Path) -> Result<Calls, String> {
    let subject = Subject::stage(stage, &program.to_string_lossy());
    let (counted, _) = with_last_words(|| {
        let server = subject.start();
        let tracer = server.trace();
        let client = server.connect();
        for _ in 0..ECHOES {
            client.echo(b"hello");
        }
        client.half_close();
        client.expect_eof();
        // The EOF is here before the server has come back from the call that sent it.
        let is_closed = |calls: &[Call]| calls.iter().any(|call| call.name() == "close");
        let _ = tracer.wait_until(is_closed);
        let mut calls = Calls::new();
        for call in tracer.finish() {
            *calls.entry(older_name(call.name()).to_owned()).or_default() += 1;
        }
        calls
    });
    counted.map_err(|panic| reason(&*panic))
}
