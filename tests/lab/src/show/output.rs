//! The ways of a result: to a person, to a program, into a file.

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

    /// The result as a person reads it.
    fn document(&self) -> Document;
}

/// The reader that results are printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person, each as soon as it is there.
    Text,
    /// For a program, all at the end, with the facts of the machine.
    Json,
}

/// The end of a command that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was as expected.
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

/// Takes results, and shows them.
#[derive(Debug)]
pub struct Output {
    format: Format,
    report: Option<PathBuf>,
    values: Vec<Value>,
    documents: Vec<Document>,
}

impl Output {
    /// Creates an output that prints results in `format`, and writes them to the file `report`, if one is wanted: as a page, or
    /// as JSON if its name ends so.
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

    /// Shows a part of a result to a person, at once; a program gets the whole by [`record`](Self::record).
    pub(crate) fn print(&mut self, document: Document) -> anyhow::Result<()> {
        if self.format == Format::Text {
            print(&text::render(&document))?;
        }
        self.documents.push(document);
        Ok(())
    }

    /// Keeps a result for programs, which a person has been shown in parts.
    ///
    /// # Errors
    ///
    /// If it cannot be JSON.
    pub fn record(&mut self, kind: &str, result: &impl Serialize) -> anyhow::Result<()> {
        if self.format == Format::Json || self.reports_json() {
            let result = serde_json::to_value(result)?;
            self.values.push(json!({ "kind": kind, "result": result }));
        }
        Ok(())
    }

    /// Shows lines to a person, at once, and to nobody else.
    pub(crate) fn say(&self, lines: Vec<Line>) -> anyhow::Result<()> {
        if self.format == Format::Text {
            print(&text::render_lines(&lines))?;
        }
        Ok(())
    }

    /// Keeps a document for the page, of which a person has been shown the parts.
    pub fn keep(&mut self, document: Document) {
        self.documents.push(document);
    }

    /// Returns whether a person reads along, so that something may be said besides the results.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// Prints and writes what comes after the last result.
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

    /// Returns what was recorded so far, for programs.
    fn json(&self) -> anyhow::Result<String> {
        let all = json!({ "machine": Machine::here(), "results": self.values });
        Ok(format!("{}\n", serde_json::to_string_pretty(&all)?))
    }

    /// Returns what was shown so far, as a page of HTML.
    ///
    /// # Errors
    ///
    /// If a plot cannot be drawn.
    pub fn page(&self) -> anyhow::Result<String> {
        html::page(&Machine::here(), &self.documents)
    }
}

/// Prints to standard output, with colours if that is a terminal.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = anstream::stdout().lock();
    let printed = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    printed.context("cannot print")
}
