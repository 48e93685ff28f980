//! `cargo lab`: the list of its commands.

use serde_json::json;

use crate::chapters::CHAPTERS;
use crate::show::{Align, Cell, Document, Ending, Output, Table, Tone};

/// The commands of the lab, each with its purpose.
const COMMANDS: [(&str, &str); 10] = [
    ("tour", "the first step of each, in a few seconds"),
    (
        "xray 06",
        "what a stage does: its system calls, and what they cost",
    ),
    ("xray --compare 05 06 07", "the same, side by side"),
    ("claims", "43 statements from the web, decided"),
    ("matrix", "every stage against every fault: what survives"),
    (
        "scale",
        "curves: cost of an echo next to 10 … 19,000 idle clients",
    ),
    ("load ADDR", "a load generator that compares every byte"),
    ("check -- CMD {addr}", "the suite, on a server of your own"),
    (
        "class DIR",
        "the suite, on what a whole class has handed in",
    ),
    ("doctor", "what will not work on this machine"),
];

/// Lists the commands, a line each, in the order of the course.
///
/// # Errors
///
/// Returns the errors of the output.
pub(crate) fn list(output: &mut Output) -> anyhow::Result<Ending> {
    let lessons = CHAPTERS
        .each_ref()
        .map(|chapter| (chapter.number, chapter.lesson.title));
    let mut table = Table::new([("cargo lab …", Align::Left), ("", Align::Left)]);
    for (number, title) in lessons {
        let command = format!("lesson {number:02}");
        table.row([Cell::new(Tone::Strong, command), Cell::from(title)]);
    }
    for (command, what) in COMMANDS {
        table.row([Cell::new(Tone::Strong, command), Cell::from(what)]);
    }
    let mut document = Document::new("The lab: guess, run, see");
    document.table(table);
    document.toned(
        Tone::Quiet,
        "Each takes --json, and --report FILE for a page with plots. `cargo lab help COMMAND` lists the other options.",
    );
    output.print(document)?;
    let contents = json!({ "lessons": lessons, "commands": COMMANDS });
    output.record("contents", &contents)?;
    Ok(Ending::AsExpected)
}
