//! The report on a server.

use serde::Serialize;
use suite::Subject;

use super::find::Portrait;
use super::judge::{Failure, Judged, Outcome};
use super::traits::Observation;
use crate::show::{Align, Cell, Document, Line, Table, Tone};

/// The facts that are known before the first case.
#[derive(Debug, Serialize)]
pub(super) struct Begun {
    command: String,
    judged_as: String,
    why: String,
    seen: Vec<Observation>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    #[serde(flatten)]
    begun: Begun,
    passed: usize,
    failed: usize,
    not_judged: usize,
    cases: Vec<Judged>,
}

impl Begun {
    pub(super) fn new(subject: &Subject, found: Portrait) -> Self {
        let words = subject.command.iter().map(|word| word.to_string_lossy());
        Self {
            command: words.collect::<Vec<_>>().join(" "),
            judged_as: found.row.name(),
            why: found.why.into(),
            seen: found.seen,
        }
    }

    /// Returns what was seen of the server, and what it is judged as.
    pub(super) fn document(&self) -> Document {
        let mut document = Document::new("A server, seen from outside");
        document.lines([self.command.clone()]);
        let mut table = Table::new([("", Align::Left), ("", Align::Left)]);
        for observation in &self.seen {
            table.row([observation.what, &observation.seen]);
        }
        if !self.seen.is_empty() {
            document.table(table);
        }
        document.text(format!("Judged as {}: {}.", self.judged_as, self.why));
        document.text("");
        document
    }
}

impl Judgement {
    pub(super) fn new(begun: Begun, cases: Vec<Judged>) -> Self {
        let count = |wanted: fn(&Outcome) -> bool| {
            cases.iter().filter(|case| wanted(&case.outcome)).count()
        };
        Self {
            begun,
            passed: count(|outcome| matches!(outcome, Outcome::Passed)),
            failed: count(|outcome| matches!(outcome, Outcome::Failed(_))),
            not_judged: count(|outcome| matches!(outcome, Outcome::NotJudged(_))),
            cases,
        }
    }

    pub(super) const fn all_passed(&self) -> bool {
        self.failed == 0
    }

    /// The last words to a person.
    pub(super) fn summary(&self) -> Vec<Line> {
        let tone = if self.failed == 0 {
            Tone::Good
        } else {
            Tone::Bad
        };
        let mut text = format!("{} passed, {} failed", self.passed, self.failed);
        if self.not_judged > 0 {
            text += &format!(", {} not judged", self.not_judged);
        }
        let names = self.cases.iter();
        let failed = names.filter(|case| matches!(case.outcome, Outcome::Failed(_)));
        let failed: Vec<&str> = failed.map(|case| case.case).collect();
        let mut lines = vec![Line::new(0, Tone::Plain, ""), Line::new(0, tone, text)];
        if !failed.is_empty() {
            let again = format!(
                "Again, these only: cargo lab check {} -- …",
                failed.join(" ")
            );
            lines.push(Line::new(0, Tone::Quiet, again));
        }
        lines
    }

    /// All cases, for a page.
    pub(super) fn document(&self) -> Document {
        let mut document = Document::new(format!("{} passed, {} failed", self.passed, self.failed));
        let mut table = Table::new([("case", Align::Left), ("", Align::Left), ("", Align::Left)]);
        for judged in &self.cases {
            let (tone, word) = verdict(&judged.outcome);
            let details: Vec<String> = details(&judged.outcome)
                .into_iter()
                .map(|line| line.text)
                .collect();
            let (word, details) = (Cell::new(tone, word), Cell::from(details.join(" ")));
            table.row([Cell::from(judged.case), word, details]);
        }
        document.table(table);
        document
    }
}

/// A case as it is done: a line, and what there is to say of a failure.
pub(super) fn line(judged: &Judged) -> Vec<Line> {
    let (tone, word) = verdict(&judged.outcome);
    let (case, seconds) = (judged.case, judged.seconds);
    let head = match judged.outcome {
        Outcome::NotJudged(_) => format!("{case:<28} {word}"),
        _ => format!("{case:<28} {word:<10} {seconds:>5.1} s"),
    };
    let mut lines = vec![Line::new(0, tone, head)];
    lines.extend(details(&judged.outcome));
    lines
}

const fn verdict(outcome: &Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Passed => (Tone::Plain, "ok"),
        Outcome::NotJudged(_) => (Tone::Quiet, "not judged"),
        Outcome::Failed(_) => (Tone::Bad, "FAILED"),
    }
}

fn details(outcome: &Outcome) -> Vec<Line> {
    match outcome {
        Outcome::Passed => Vec::new(),
        Outcome::NotJudged(why) => vec![Line::new(4, Tone::Quiet, *why)],
        Outcome::Failed(failure) => explained(failure),
    }
}

fn explained(failure: &Failure) -> Vec<Line> {
    let line = |text: String| Line::new(4, Tone::Plain, text);
    let mut lines = vec![line(failure.rule.to_owned())];
    lines.extend(failure.seen.lines().enumerate().map(|(number, seen)| {
        line(if number == 0 {
            format!("Seen: {seen}")
        } else {
            format!("  {}", seen.trim())
        })
    }));
    let server = failure.server.lines().map(|text| {
        let words = text.trim_start();
        Line::new(4 + text.len() - words.len(), Tone::Plain, words)
    });
    lines.extend(server);
    let pointer = format!("Where to read: {}", failure.pointer);
    lines.push(Line::new(4, Tone::Quiet, pointer));
    lines
}
