//! The destinations of a result: a person, a program, a file.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Document, Line, html, text};
use crate::world::Machine;

/// A result that can be shown.
pub trait Shown: Serialize {
    /// The kind of result, for a program: the command's name.
    const KIND: &'static str;

    /// The result for a person.
    fn document(&self) -> Document;
}

/// The reader of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A person, who sees each result as soon as it is ready.
    Text,
    /// A program, which gets everything at the end, with the facts of the machine.
    Json,
}

/// The outcome of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything was as expected.
    AsExpected,
    /// Something was not.
    NotAsExpected,
}

impl From<bool> for Ending {
    fn from(as_expected: bool) -> Self {
        match as_expected {
            true => Self::AsExpected,
            false => Self::NotAsExpected,
        }
    }
}

/// Collects results and shows them.
#[derive(Debug)]
pub struct Output {
    format: Format,
    report: Option<PathBuf>,
    values: Vec<Value>,
    documents: Vec<Document>,
}

impl Output {
    /// Creates an output that prints results in `format`, and also writes them to the file `report` if there is one: as
    /// JSON if its name ends in .json, else as a page.
    pub const fn new(format: Format, report: Option<PathBuf>) -> Self {
        Self {
            format,
            report,
            values: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Shows a result.
    ///
    /// # Errors
    ///
    /// Returns the errors of standard output.
    pub fn show<S: Shown>(&mut self, result: &S) -> anyhow::Result<()> {
        self.print(result.document())?;
        self.record(S::KIND, result)
    }

    /// Shows a part of a result to a person immediately; a program gets the whole by [`record`](Self::record).
    pub(crate) fn print(&mut self, document: Document) -> anyhow::Result<()> {
        if self.format == Format::Text {
            print(&text::render(&document))?;
        }
        self.documents.push(document);
        Ok(())
    }

    /// Keeps a result for programs, after a person has seen it in parts.
    ///
    /// # Errors
    ///
    /// Fails if it cannot become JSON.
    pub fn record(&mut self, kind: &str, result: &impl Serialize) -> anyhow::Result<()> {
        if self.format == Format::Json || self.reports_json() {
            let result = serde_json::to_value(result)?;
            self.values.push(json!({ "kind": kind, "result": result }));
        }
        Ok(())
    }

    /// Shows lines to a person only, immediately.
    pub(crate) fn say(&self, lines: Vec<Line>) -> anyhow::Result<()> {
        if self.format == Format::Text {
            print(&text::render_lines(&lines))?;
        }
        Ok(())
    }

    /// Keeps a document for the page, after a person has seen its parts.
    pub fn keep(&mut self, document: Document) {
        self.documents.push(document);
    }

    /// Returns whether a person reads along, so that more than results may be printed.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// Prints and writes whatever follows the last result.
    ///
    /// # Errors
    ///
    /// Returns the errors of standard output, and of the report's file.
    pub fn finish(self) -> anyhow::Result<()> {
        if self.format == Format::Json {
            print(&self.json()?)?;
        }
        if let Some(path) = &self.report {
            let report = match self.reports_json() {
                true => self.json()?,
                false => self.page()?,
            };
            fs::write(path, report).with_context(|| format!("cannot write {}", path.display()))?;
            if self.format == Format::Text {
                print(&format!("\nThe report is in {}\n", path.display()))?;
            }
        }
        Ok(())
    }

    fn reports_json(&self) -> bool {
        let extension = self.report.as_ref().and_then(|path| path.extension());
        extension.is_some_and(|extension| extension == "json")
    }

    /// Returns everything recorded so far, for programs.
    fn json(&self) -> anyhow::Result<String> {
        let all = json!({ "machine": Machine::here(), "results": self.values });
        Ok(format!("{}\n", serde_json::to_string_pretty(&all)?))
    }

    /// Returns everything shown so far, as a page of HTML.
    ///
    /// # Errors
    ///
    /// If a plot cannot be drawn.
    pub fn page(&self) -> anyhow::Result<String> {
        html::page(&Machine::here(), &self.documents)
    }
}

/// Prints to standard output, with colours on a terminal.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = anstream::stdout().lock();
    let printed = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    printed.context("cannot print")
}
