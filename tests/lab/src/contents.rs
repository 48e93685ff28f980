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
    let commands = program.get_subcommands();
    let others =
        commands.filter(|command| command.get_name() != "lesson" && !command.is_hide_set());
    let about = |command: &Command| command.get_about().map(ToString::to_string);
    let others: Vec<(&str, Option<String>)> = others
        .map(|command| (command.get_name(), about(command)))
        .collect();
    let mut table = Table::new([("cargo lab …", Align::Left), ("", Align::Left)]);
    for (number, title) in lessons {
        let command = format!("lesson {number:02}");
        table.row([Cell::new(Tone::Strong, command), Cell::from(title)]);
    }
    for (command, about) in &others {
        let about = about.as_deref().unwrap_or_default();
        table.row([Cell::new(Tone::Strong, *command), Cell::from(about)]);
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
