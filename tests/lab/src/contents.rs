//! `cargo lab`: what there is.

use serde::Serialize;

use crate::chapters::CHAPTERS;
use crate::show::{Align, Cell, Document, Ending, Output, Shown, Table, Tone};

/// The lessons and commands of the lab.
#[derive(Debug, Serialize)]
struct Contents {
    lessons: Vec<(u8, &'static str)>,
    commands: Vec<(&'static str, &'static str)>,
}

/// Shows what there is, a line each, in the order of the course.
///
/// # Errors
///
/// Returns the errors of the output.
pub(crate) fn list(output: &mut Output) -> anyhow::Result<Ending> {
    let lessons = CHAPTERS.iter();
    output.show(&Contents {
        lessons: lessons.map(|c| (c.number, c.lesson.title)).collect(),
        commands: vec![
            (
                "tour",
                "all of these, one after the other, in about a minute",
            ),
            (
                "xray 06",
                "what a stage does: its system calls, and what they cost",
            ),
            ("xray --compare 05 06 07", "the same, side by side"),
            ("claims", "43 statements that one meets on the web, decided"),
            ("matrix", "every stage against every fault: what survives"),
            (
                "scale",
                "curves: cost of an echo beside 10 … 19,000 idle clients",
            ),
            ("load ADDR", "a load generator that compares every byte"),
            ("check -- CMD {addr}", "the suite on a server of your own"),
            ("doctor", "what will not work on this machine"),
        ],
    })?;
    Ok(Ending::AsExpected)
}

impl Shown for Contents {
    const KIND: &'static str = "contents";

    fn document(&self) -> Document {
        let mut document = Document::new("The lab: guess, run, see");
        let mut table = Table::new([("cargo lab …", Align::Left), ("", Align::Left)]);
        for (number, title) in &self.lessons {
            let command = Cell::new(Tone::Strong, format!("lesson {number:02}"));
            table.row([command, Cell::from(*title)]);
        }
        for (command, what) in &self.commands {
            table.row([Cell::new(Tone::Strong, *command), Cell::from(*what)]);
        }
        document.table(table);
        document.toned(
            Tone::Quiet,
            "Each takes --json, and --report FILE for a page with plots. \
             `cargo lab help COMMAND` says what else.",
        );
        document
    }
}
