//! The map of what survives, and its legend.

use serde::Serialize;

use super::Fault;
use crate::probes::{Found, UNSEEN, WORDS};
use crate::show::{Align::Left, Cell, Document, Shown, Table, Tone};

/// A fault and its effect on each server.
#[derive(Debug, Serialize)]
struct FaultRow {
    #[serde(flatten)]
    fault: &'static Fault,
    found: Vec<Found>,
}

/// The map: the effect of each fault on each server.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    columns: Vec<String>,
    rows: Vec<FaultRow>,
}

impl Matrix {
    /// Returns the map of `cells`, which come fault by fault, in the order of the columns.
    pub(super) fn new(columns: Vec<String>, faults: &[&'static Fault], cells: Vec<Found>) -> Self {
        let mut cells = cells.into_iter();
        let rows = faults.iter().map(|fault| FaultRow {
            fault,
            found: cells.by_ref().take(columns.len()).collect(),
        });
        let rows = rows.collect();
        Self { columns, rows }
    }

    fn cells(&self) -> impl Iterator<Item = &Found> {
        self.rows.iter().flat_map(|row| &row.found)
    }

    /// Returns whether the lab could see everything.
    pub(super) fn is_complete(&self) -> bool {
        self.cells().all(|found| found.word != UNSEEN)
    }

    /// Returns the map as a table.
    fn map(&self) -> Table {
        let servers = self.columns.iter().map(|name| (name.as_str(), Left));
        let mut table = Table::new([("", Left)].into_iter().chain(servers));
        for row in &self.rows {
            let label = Cell::new(Tone::Strong, row.fault.label);
            table.row([label].into_iter().chain(row.found.iter().map(cell)));
        }
        table
    }

    /// Returns the legend of the faults.
    fn faults(&self) -> Table {
        let mut table = Table::new([("", Left), ("what is done", Left)]);
        for row in &self.rows {
            let Fault { label, what, .. } = *row.fault;
            table.row([Cell::new(Tone::Strong, label), Cell::from(what)]);
        }
        table
    }

    /// Returns the meanings of the words in the map.
    fn words(&self) -> Table {
        let mut table = Table::new([("", Left), ("what it means", Left)]);
        for (word, _, meaning) in WORDS {
            let is_it = |found: &&Found| found.word == word;
            let is_in_kib = |found: &Found| word == "K" && found.word.ends_with(" K");
            if let Some(found) = self.cells().find(is_it) {
                table.row([cell(found), Cell::from(meaning)]);
            } else if self.cells().any(is_in_kib) {
                table.row([word, meaning]);
            }
        }
        table
    }

    /// Returns the findings as sentences, for where there is room.
    fn sentences(&self) -> Table {
        let mut table = Table::new([("", Left), ("", Left), ("what was seen", Left)]);
        for row in &self.rows {
            for (column, found) in self.columns.iter().zip(&row.found) {
                let place = Cell::new(Tone::Strong, format!("{column} {}", row.fault.label));
                table.row([place, cell(found), Cell::from(found.sentence.as_str())]);
            }
        }
        table
    }
}

fn cell(found: &Found) -> Cell {
    Cell::new(found.tone, found.word.as_str())
}

impl Shown for Matrix {
    const KIND: &'static str = "matrix";

    fn document(&self) -> Document {
        let mut document = Document::new("What survives: each server against each fault");
        document.table(self.map());
        if self.rows.len() == 1 || self.columns.len() == 1 {
            document.table(self.sentences());
        }
        document.table(self.faults());
        document.table(self.words());
        document
    }
}
