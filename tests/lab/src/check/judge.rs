//! Cases are run, and what came of them.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::time::Instant;
use std::{iter, thread};

use serde::Serialize;
use suite::{Case, Subject, with_last_words};

use super::cases::{meaning_of, not_judged};
use crate::world::reason;

/// A case that was run.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    pub(super) case: &'static str,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    /// It says nothing of this server, and this is why.
    NotJudged(&'static str),
    Failed(Failure),
}

/// Why a case failed.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    /// What has to hold.
    pub(super) rule: &'static str,
    /// What was sent, and what came back.
    pub(super) seen: String,
    /// What the server printed on standard error: the first lines.
    pub(super) printed: Vec<String>,
    /// The chapter that explains it.
    pub(super) chapter: &'static str,
    /// The line of the course that sees to it.
    pub(super) source: String,
}

/// The cases that wait for two seconds, or are long, and so begin first.
const LONG: [&str; 2] = ["drain_within_two_seconds", "e17_one_gibibyte"];

/// Runs `cases`, `jobs` at a time, and gives each to `done`, in their order, as soon as it and all before
/// it are there. Begins no more when that gives false.
pub(super) fn all(
    subject: &Subject,
    cases: &[Case],
    jobs: usize,
    mut done: impl FnMut(Judged) -> bool,
) {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|&at| !LONG.contains(&cases[at].0));
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for sender in iter::repeat_n(sender, jobs) {
            let (next, order) = (&next, &order);
            scope.spawn(move || {
                while let Some(&at) = order.get(next.fetch_add(1, Relaxed)) {
                    // It fails if nobody wants to know any more.
                    let _ = sender.send((at, judge(subject, cases[at])));
                }
            });
        }
        let mut waiting: Vec<Option<Judged>> = cases.iter().map(|_| None).collect();
        let mut due = 0;
        for (at, judged) in results {
            waiting[at] = Some(judged);
            while let Some(judged) = waiting.get_mut(due).and_then(Option::take) {
                due += 1;
                if !done(judged) {
                    next.store(cases.len(), Relaxed);
                }
            }
        }
    });
}

fn judge(subject: &Subject, (name, case): Case) -> Judged {
    let began = Instant::now();
    let outcome = match not_judged(&subject.profile, name) {
        Some(why) => Outcome::NotJudged(why),
        None => match with_last_words(|| case(subject)) {
            (Ok(()), _) => Outcome::Passed,
            (Err(panic), printed) => Outcome::Failed(failure(name, &reason(&*panic), &printed)),
        },
    };
    Judged {
        case: name,
        outcome,
        seconds: began.elapsed().as_secs_f64(),
    }
}

fn failure(name: &str, seen: &str, printed: &str) -> Failure {
    let meaning = meaning_of(name);
    Failure {
        rule: meaning.map_or("", |meaning| meaning.rule),
        seen: in_words(seen),
        printed: printed.lines().take(20).map(str::to_owned).collect(),
        chapter: meaning.map_or("", |meaning| meaning.chapter()),
        source: meaning.map_or(String::new(), |meaning| meaning.source.to_string()),
    }
}

/// The text of a failed assertion without the words of the language that it was written in.
fn in_words(text: &str) -> String {
    let Some((_, rest)) = text.split_once("assertion `left == right` failed") else {
        return text.to_owned();
    };
    let parts = rest
        .trim_start_matches(": ")
        .split_once("\n  left: ")
        .or_else(|| rest.split_once("\n  left: "));
    let Some((what, (seen, expected))) =
        parts.and_then(|(what, values)| Some((what, values.split_once("\n right: ")?)))
    else {
        return text.to_owned();
    };
    let colon = if what.is_empty() { "" } else { ": " };
    format!(
        "{what}{colon}seen {}, expected {}",
        bytes_as_text(seen),
        bytes_as_text(expected)
    )
}

/// `[104, 105]` as "hi"; anything else as it is.
fn bytes_as_text(value: &str) -> String {
    let inside = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let numbers = inside.map(|inside| {
        let numbers = inside.split(", ").filter(|number| !number.is_empty());
        numbers.map(str::parse).collect::<Result<Vec<u8>, _>>()
    });
    match numbers {
        Some(Ok(bytes)) if bytes.is_empty() => "nothing".into(),
        Some(Ok(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_assertion_is_a_sentence() {
        let text =
            "assertion `left == right` failed: the second one\n  left: []\n right: [104, 105]";
        assert_eq!(
            in_words(text),
            "the second one: seen nothing, expected \"hi\""
        );
        let text = "assertion `left == right` failed\n  left: 1\n right: 2";
        assert_eq!(in_words(text), "seen 1, expected 2");
        assert_eq!(in_words("it has ended"), "it has ended");
    }
}
