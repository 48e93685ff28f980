//! `cargo lab`: the list of its commands.

use clap::Command;
use serde_json::json;

use crate::chapters::CHAPTERS;
use crate::show::{Align, Cell, Document, Ending, Output, Table, Tone};

/// Lists the lessons, and the other commands of `program`, a line each.
pub(crate) fn list(program: &Command, output: &mut Output) -> anyhow::Result<Ending> {
    let lessons = CHAPTERS
        .each_ref()
        .map(|chapter| (chapter.number, chapter.lesson.title));
    let about = |command: &Command| command.get_about().map(ToString::to_string);
    let others: Vec<(&str, Option<String>)> = program
        .get_subcommands()
        .filter(|command| command.get_name() != "lesson" && !command.is_hide_set())
        .map(|command| (command.get_name(), about(command)))
        .collect();
    let mut table = Table::new([("cargo lab …", Align::Left), ("", Align::Left)]);
    let mut row = |command: String, about: &str| {
        table.row([Cell::new(Tone::Strong, command), about.into()]);
    };
    for (number, title) in lessons {
        row(format!("lesson {number:02}"), title);
    }
    for (command, about) in &others {
        row((*command).to_owned(), about.as_deref().unwrap_or_default());
    }
    let mut document = Document::new("The lab: guess, run, see");
    document.table(table);
    document.toned(
        Tone::Quiet,
        "Each takes --json, and --report FILE for a page with plots. `cargo lab help COMMAND` lists the other options.",
    );
    output.print(document)?;
    output.record(
        "contents",
        &json!({ "lessons": lessons, "commands": others }),
    )?;
    Ok(Ending::AsExpected)
}
