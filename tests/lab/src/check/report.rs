//! The report on a server.

use serde::Serialize;
use suite::{Case, Failure};

use super::NO_TIME;
use super::judge::{Judged, Outcome};
use super::traits::Observation;
use crate::show::{Align::Left, Cell, Document, Line, Table, Tone};

/// A server, and the outcomes of its cases.
#[derive(Debug, Default, Serialize)]
pub(super) struct Judgement {
    #[serde(skip)]
    pub(super) title: String,
    #[serde(skip)]
    pub(super) book: String,
    pub(super) command: String,
    pub(super) judged_as: String,
    pub(super) why: &'static str,
    pub(super) seen: Vec<Observation>,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) not_judged: usize,
    pub(super) cases: Vec<Judged>,
}

impl Judgement {
    /// Adds a case that was run.
    pub(super) fn add(&mut self, judged: Judged) {
        match judged.outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::NotJudged(_) => self.not_judged += 1,
        }
        self.cases.push(judged);
    }

    /// Adds those of `cases` that were not begun.
    pub(super) fn add_missing(&mut self, cases: &[Case]) {
        for (case, _) in cases {
            if !self.cases.iter().any(|judged| judged.case == *case) {
                self.add(Judged {
                    case,
                    outcome: Outcome::NotJudged(NO_TIME),
                    seconds: 0.0,
                });
            }
        }
    }

    /// Returns what was seen of the server before the first case, and what it is judged as.
    pub(super) fn beginning(&self) -> Document {
        let mut document = Document::new(format!("{}, seen from outside", self.title));
        document.lines([self.command.clone()]);
        let mut table = Table::new([("", Left), ("", Left)]);
        for observation in &self.seen {
            table.row([observation.what, observation.seen]);
        }
        if !self.seen.is_empty() {
            document.table(table);
        }
        document.text(format!("Judged as {}: {}.", self.judged_as, self.why));
        document.text("");
        document
    }

    fn counts(&self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed)
    }

    /// Returns the last words to a person.
    pub(super) fn summary(&self) -> Vec<Line> {
        let tone = match self.failed {
            0 => Tone::Good,
            _ => Tone::Bad,
        };
        let not_judged = match self.not_judged {
            0 => String::new(),
            number => format!(", {number} not judged"),
        };
        let counts = self.counts() + &not_judged;
        let mut lines = vec![Line::new(0, Tone::Plain, ""), Line::new(0, tone, counts)];
        let cases = self.cases.iter();
        let failed = cases.filter(|judged| matches!(judged.outcome, Outcome::Failed(_)));
        let failed: Vec<&str> = failed.map(|judged| judged.case).collect();
        if !failed.is_empty() {
            let names = failed.join(" ");
            let again = format!("Again, these only: cargo lab check {names} -- …");
            lines.push(Line::new(0, Tone::Quiet, again));
        }
        lines
    }

    /// Returns all cases, for a page: those that failed first, each with what there is to read.
    pub(super) fn document(&self) -> Document {
        let mut document = Document::new(self.counts());
        for judged in &self.cases {
            if let Outcome::Failed(failure) = &judged.outcome {
                document.heading(judged.case);
                let lines = explained(failure);
                for lines in lines.chunk_by(|one, next| one.indent > 4 && next.indent > 4) {
                    match lines {
                        [line] if line.indent == 4 => document.text(line.text.as_str()),
                        printed => document.lines(printed.iter().map(printed_line)),
                    }
                }
                let mut links = Table::new([("", Left); 2]);
                links.row(self.links(failure));
                document.table(links);
            }
        }
        document.heading("All cases");
        let mut table = Table::new([("case", Left), ("", Left), ("", Left)]);
        for judged in &self.cases {
            let (tone, word) = verdict(&judged.outcome);
            let why = match judged.outcome {
                Outcome::NotJudged(why) => why,
                _ => "",
            };
            table.row([judged.case.into(), Cell::new(tone, word), why.into()]);
        }
        document.table(table);
        document
    }

    /// Returns links to the chapter that explains a failure, and to the rule.
    fn links(&self, failure: &Failure) -> Vec<Cell> {
        let (book, case) = (self.book.trim_end_matches('/'), failure.case);
        let Some(pointer) = &failure.pointer else {
            return Vec::new();
        };
        let chapter = format!("{book}/{}.html", pointer.page());
        let rule = format!("{book}/contract.html#{case}");
        let rule = Cell::from("The rule in the contract").to(rule);
        let rule = Some(rule).filter(|_| !pointer.is_of_the_proxy());
        let chapter = Cell::from("The chapter").to(chapter);
        [chapter].into_iter().chain(rule).collect()
    }
}

/// Returns a case as it is done: a line, and what there is to say of a failure.
pub(super) fn lines(judged: &Judged) -> Vec<Line> {
    let (tone, word) = verdict(&judged.outcome);
    let (case, seconds) = (judged.case, judged.seconds);
    let timed = format!("{case:<28} {word:<10} {seconds:>5.1} s");
    let (head, details) = match &judged.outcome {
        Outcome::Passed => (timed, Vec::new()),
        Outcome::Failed(failure) => (timed, explained(failure)),
        Outcome::NotJudged(why) => {
            let why = Line::new(4, Tone::Quiet, *why);
            (format!("{case:<28} {word}"), vec![why])
        }
    };
    let head = Line::new(0, tone, head);
    [head].into_iter().chain(details).collect()
}

/// Returns a line that a server has printed, with the spaces that it began with.
fn printed_line(line: &Line) -> String {
    format!("{:1$}{2}", "", line.indent.saturating_sub(6), line.text)
}

const fn verdict(outcome: &Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Passed => (Tone::Plain, "ok"),
        Outcome::NotJudged(_) => (Tone::Quiet, "not judged"),
        Outcome::Failed(_) => (Tone::Bad, "FAILED"),
    }
}

fn explained(failure: &Failure) -> Vec<Line> {
    let mut text = format!("{}\n", failure.rule);
    for (number, seen) in failure.seen.lines().enumerate() {
        text += &match number {
            0 => format!("Seen: {seen}\n"),
            _ => format!("  {}\n", seen.trim()),
        };
    }
    if let Some(server) = failure.servers.first() {
        text += &server.to_string();
    }
    let lines = text.lines().map(|line| {
        let words = line.trim_start();
        Line::new(4 + line.len() - words.len(), Tone::Plain, words)
    });
    let pointer = failure.pointer.as_ref().map(ToString::to_string);
    let pointer = format!("Where to read: {}", pointer.unwrap_or_default());
    lines.chain([Line::new(4, Tone::Quiet, pointer)]).collect()
}
