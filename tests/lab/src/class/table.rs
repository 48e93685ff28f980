//! The table of a class: learners, and what happened in each case.

use serde::Serialize;
use serde_json::Value;

use super::submission::plain;
use crate::check::NO_TIME;
use crate::show::{Align::Left, Cell, Document, Line, Table, Tone};

/// A class, judged.
#[derive(Debug, Serialize)]
pub(super) struct Class {
    learners: Vec<Learner>,
    #[serde(skip)]
    how: String,
}

/// A learner, and what was found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Learner {
    name: String,
    /// The file with the page; nothing if none was asked for.
    pub(super) page: String,
    /// Why no case was tried; nothing if cases were.
    pub(super) why: String,
    /// What the build has printed.
    #[serde(skip)]
    pub(super) printed: Vec<String>,
    /// What `cargo lab check` reports.
    pub(super) judgement: Value,
}

/// The outcome of a case, or of all that belong to a rule of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// It is not for such a server.
    NotJudged,
    Passed,
    NoTime,
    Failed,
}

impl Mark {
    const fn shown(self) -> (Tone, &'static str) {
        match self {
            Self::NotJudged => (Tone::Quiet, " "),
            Self::Passed => (Tone::Quiet, "·"),
            Self::NoTime => (Tone::Warn, "?"),
            Self::Failed => (Tone::Bad, "✗"),
        }
    }
}

impl Learner {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Returns the cases, each with its outcome.
    fn cases(&self) -> impl Iterator<Item = (&str, Mark)> {
        let cases = self.judgement["cases"].as_array().into_iter().flatten();
        cases.map(|case| {
            let mark = match &case["outcome"] {
                Value::String(_) => Mark::Passed,
                outcome if outcome["not_judged"] == NO_TIME => Mark::NoTime,
                outcome if outcome["failed"].is_object() => Mark::Failed,
                _ => Mark::NotJudged,
            };
            (case["case"].as_str().unwrap_or_default(), mark)
        })
    }

    /// Returns the worst outcome of the cases of a rule.
    fn mark(&self, rule: &str) -> Mark {
        let its = self.cases().filter(|(case, _)| rule_of(case) == rule);
        its.map(|(_, mark)| mark).max().unwrap_or(Mark::NotJudged)
    }

    fn names(&self, wanted: Mark) -> Vec<&str> {
        let cases = self.cases().filter(|(_, mark)| *mark == wanted);
        let mut names: Vec<&str> = cases.map(|(case, _)| case).collect();
        names.sort_unstable();
        names
    }

    /// Returns what has to be said of it, in words; nothing if it has passed all cases.
    fn in_words(&self) -> String {
        let (failed, left) = (self.names(Mark::Failed), self.names(Mark::NoTime).len());
        let mut words = self.why.clone() + &failed.join(" ");
        if left > 0 {
            words += &format!(" ({left} cases were left when its time was up)");
        }
        words.trim_start().to_owned()
    }

    /// Returns how many of the cases that are for such a server it has passed.
    fn counts(&self) -> String {
        if !self.why.is_empty() {
            return "none".to_owned();
        }
        let marks = [Mark::Passed, Mark::NoTime, Mark::Failed];
        let [passed, left, failed] = marks.map(|mark| self.names(mark).len());
        format!("{passed}/{}", passed + left + failed)
    }

    /// Returns the page of a learner whose submission was not judged.
    pub(super) fn refused(&self) -> Option<Document> {
        let mut document = Document::new(format!("{}: not judged", self.name));
        document.text(self.why.as_str());
        if !self.printed.is_empty() {
            document.heading("What the build has printed");
            document.lines(self.printed.clone());
        }
        Some(document).filter(|_| !self.why.is_empty())
    }
}

/// Returns a row of the table for a terminal, whose marks of 17 rules fit into 80 columns.
fn text_row<'a>(name: &str, passed: &str, marks: impl Iterator<Item = &'a str>) -> String {
    let name: String = name.chars().take(17).collect();
    let marks: String = marks.map(|mark| format!(" {mark:>2}")).collect();
    let row = format!("{name:<17} {passed:>6} {marks}");
    row.trim_end().to_owned()
}

/// Returns the rule that a case is about: `E5`. The drain is E13.
fn rule_of(case: &str) -> String {
    let number: Option<u8> = case.get(1..3).and_then(|digits| digits.parse().ok());
    number.map_or("E13".to_owned(), |number| {
        format!("{}{number}", case[..1].to_uppercase())
    })
}

impl Class {
    pub(super) const fn of(learners: Vec<Learner>, how: String) -> Self {
        Self { learners, how }
    }

    /// Returns whether all have passed all cases.
    pub(super) fn is_content(&self) -> bool {
        self.learners.iter().all(|one| one.in_words().is_empty())
    }

    /// Returns the rules that somebody was judged by, in order.
    fn rules(&self) -> Vec<String> {
        let cases = self.learners.iter().flat_map(Learner::cases);
        let judged = cases.filter(|(_, mark)| *mark != Mark::NotJudged);
        let mut rules: Vec<String> = judged.map(|(case, _)| rule_of(case)).collect();
        rules.sort_by_key(|rule| (rule.len(), rule.clone()));
        rules.dedup();
        rules
    }

    /// Returns the table for a terminal, and below it what each has failed.
    pub(super) fn lines(&self) -> Vec<Line> {
        let rules = self.rules();
        let line = |tone, text: &str| Line::new(0, tone, text);
        let numbers = rules.iter().map(|rule| &rule[1..]);
        let mut lines = vec![line(Tone::Quiet, &text_row("", "passed", numbers))];
        let mut failures = Vec::new();
        for one in &self.learners {
            let (words, marks) = (one.in_words(), rules.iter().map(|rule| one.mark(rule)));
            let tone = match (words.is_empty(), one.why.is_empty()) {
                (true, _) => Tone::Plain,
                (_, true) => Tone::Strong,
                _ => Tone::Bad,
            };
            let marks = marks.map(|mark| mark.shown().1);
            lines.push(line(tone, &text_row(&one.name, &one.counts(), marks)));
            if !words.is_empty() {
                failures.push(line(Tone::Strong, &one.name));
                failures.push(Line::new(4, Tone::Plain, words));
            }
        }
        lines.push(line(Tone::Plain, ""));
        lines.extend(failures);
        lines.push(line(Tone::Plain, ""));
        lines.extend(self.legend().map(|text| line(Tone::Quiet, &text)));
        lines
    }

    fn legend(&self) -> [String; 2] {
        let marks = "Numbers are the rules of the contract, E1 to E17. · passed, ✗ failed, ? no time was left.";
        [marks.to_owned(), self.how.clone()]
    }

    /// Returns the table for a page, with links to the learners' own.
    pub(super) fn document(&self) -> Document {
        let rules = self.rules();
        let heads = rules.iter().map(|rule| (rule.as_str(), Left));
        let first = [("learner", Left), ("passed", Left)];
        let mut table = Table::new(first.into_iter().chain(heads));
        let mut words = Table::new([("", Left), ("", Left)]);
        for one in &self.learners {
            let link = one.page.replace('%', "%25").replace('?', "%3F");
            let name = Cell::from(&one.name).to(link.replace('#', "%23"));
            let marks = rules.iter().map(|rule| {
                let (tone, mark) = one.mark(rule).shown();
                Cell::new(tone, mark)
            });
            table.row([name.clone(), one.counts().into()].into_iter().chain(marks));
            if !one.in_words().is_empty() {
                words.row([name, plain(&one.in_words()).into()]);
            }
        }
        let mut document = Document::new("The class");
        document.table(table);
        for text in self.legend() {
            document.toned(Tone::Quiet, text);
        }
        if !self.is_content() {
            document.heading("What to look at");
            document.table(words);
        }
        document
    }
}
