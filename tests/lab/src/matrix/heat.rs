//! The map.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Fault, Found};
use crate::show::{Align, Cell, Document, Shown, Table, Tone};

/// A server.
#[derive(Debug, Serialize)]
pub(super) struct Column(String);

impl Column {
    pub(super) const fn new(name: String) -> Self {
        Self(name)
    }
}

/// A fault, and what it does to each server.
#[derive(Debug, Serialize)]
struct FaultRow {
    fault: &'static str,
    #[serde(skip)]
    label: &'static str,
    what: &'static str,
    found: Vec<Found>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    columns: Vec<Column>,
    rows: Vec<FaultRow>,
}

/// Words that do not explain themselves.
const WORDS: &[(&str, &str)] = &[
    (
        "served",
        "the client that is asked about gets its echo, at once",
    ),
    (
        "waits",
        "it is connected, and not answered before the one before it has left",
    ),
    ("shed", "it is turned away, by EOF; the server goes on"),
    ("one", "the client concerned is gone, and nobody else"),
    ("all", "every client is gone"),
    ("whole", "every byte comes back"),
    ("cut", "bytes are lost"),
    ("mixed", "the urgent byte stands in the stream"),
    ("sent", "it leaves at once"),
    ("held", "it waits for an acknowledgement, up to 40 ms"),
    (
        "lost",
        "clients that were connected get nothing but a reset",
    ),
    ("leaks", "something of the client is left behind"),
    (
        "queue",
        "whoever does not fit waits, and is let in when another one leaves",
    ),
    ("turns", "one after the other, so the limit is never met"),
    ("rests", "it sleeps until there is something to do"),
    ("spins", "it keeps a CPU core busy with nothing"),
    ("stuck", "who waits is not let in when there is room again"),
    ("lives", "it goes on"),
    ("dies", "it ends; what was under way is lost"),
    ("blocks", "it stands still until somebody reads its log"),
    (
        "parent",
        "the parent dies, its children serve their clients to the end",
    ),
    ("drains", "it echoes what has arrived, then it ends"),
    ("first", "the first signal has ended it already"),
    ("ends", "it ends at once"),
    ("stays", "it does not end"),
    ("back", "it listens on the same port at once"),
    ("taken", "its port is in use, by its own old connections"),
    (
        "no end",
        "it takes all that it is sent: memory has no bound",
    ),
    ("K", "KiB"),
    ("?", "this could not be seen: `--fault NAME` says why"),
];

impl Matrix {
    pub(super) fn new(columns: Vec<Column>, faults: &[&Fault], cells: Vec<Vec<Found>>) -> Self {
        let rows = faults.iter().zip(cells).map(|(fault, found)| FaultRow {
            fault: fault.name,
            label: fault.label,
            what: fault.what,
            found,
        });
        Self {
            columns,
            rows: rows.collect(),
        }
    }

    /// Whether everything could be seen.
    pub(super) fn is_complete(&self) -> bool {
        let mut cells = self.rows.iter().flat_map(|row| &row.found);
        cells.all(|found| found.word != "?")
    }

    /// The map itself.
    fn map(&self) -> Table {
        let servers = self
            .columns
            .iter()
            .map(|column| (column.0.as_str(), Align::Left));
        let mut table = Table::new([("", Align::Left)].into_iter().chain(servers));
        for row in &self.rows {
            let cells = row
                .found
                .iter()
                .map(|found| Cell::new(found.tone, found.word.as_str()));
            let label = Cell::new(Tone::Strong, row.label);
            table.row([label].into_iter().chain(cells));
        }
        table
    }

    /// Returns what each row's fault is.
    fn faults(&self) -> Table {
        let mut table = Table::new([("", Align::Left), ("what is done", Align::Left)]);
        for row in &self.rows {
            table.row([Cell::new(Tone::Strong, row.label), Cell::from(row.what)]);
        }
        table
    }

    /// The meanings of the words that stand in the map.
    fn words(&self) -> Table {
        let mut tones: BTreeMap<&str, Tone> = BTreeMap::new();
        for found in self.rows.iter().flat_map(|row| &row.found) {
            let number = found.word.ends_with(" K");
            let word = if number { "K" } else { &found.word };
            tones
                .entry(word)
                .or_insert(if number { Tone::Plain } else { found.tone });
        }
        let mut table = Table::new([("", Align::Left), ("what it means", Align::Left)]);
        for (word, meaning) in WORDS {
            if let Some(tone) = tones.get(word) {
                table.row([Cell::new(*tone, *word), Cell::from(*meaning)]);
            }
        }
        table
    }

    /// Returns what was seen, in sentences: for where there is room for them.
    fn sentences(&self) -> Table {
        let mut table = Table::new([
            ("", Align::Left),
            ("", Align::Left),
            ("what was seen", Align::Left),
        ]);
        for row in &self.rows {
            for (column, found) in self.columns.iter().zip(&row.found) {
                table.row([
                    Cell::new(Tone::Strong, format!("{} {}", column.0, row.label)),
                    Cell::new(found.tone, found.word.as_str()),
                    Cell::from(found.sentence.as_str()),
                ]);
            }
        }
        table
    }
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

#[cfg(test)]
mod tests {
    use crate::matrix::FAULTS;

    #[test]
    fn labels_leave_room_for_eight_servers() {
        for fault in FAULTS {
            assert!(fault.label.chars().count() <= 14, "{}", fault.label);
        }
    }
}
