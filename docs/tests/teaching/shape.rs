//! The shape of what a teacher has for each chapter: a demonstration, notes, and practice.

use anyhow::{Context, ensure};
use book::blocks::{Kind, note, parse};
use book::markdown_files;

use super::{demonstration, named, page, sections};

/// The screen that a demonstration has to fit.
const COLUMNS: usize = 80;
const ROWS: usize = 24;

/// The kinds of notes, and how many of each a chapter has at least. It has one sentence that must stick.
const NOTES: [(&str, usize); 5] = [
    ("**Must stick:** ", 1),
    ("**They believe:** ", 2),
    ("**Ask:** ", 2),
    ("**Late:** ", 1),
    ("**Show:** ", 0),
];

/// The names of chapters 00 to 08, in order.
fn taught() -> anyhow::Result<Vec<String>> {
    let names = markdown_files()?.into_iter().filter_map(|path| {
        let name = path.file_stem()?.to_string_lossy().into_owned();
        name.starts_with('0').then_some(name)
    });
    let names: Vec<_> = names.collect();
    ensure!(names.len() == 9, "{names:?}");
    Ok(names)
}

#[test]
fn each_chapter_is_taught_in_one_shape() -> anyhow::Result<()> {
    let (names, sections) = (taught()?, sections()?);
    ensure!(sections.len() == names.len(), "{} sections", sections.len());
    for (name, section) in names.iter().zip(&sections) {
        let number = &name[..2];
        ensure!(
            section.starts_with(&format!("{number} · ")),
            "{name} is not next"
        );
        demonstration(section).with_context(|| name.clone())?;
        ensure!(
            section.contains(&format!("`cargo lab lesson {number}`")),
            "{name}: no vote"
        );
        let comments = parse(section)?.into_iter().map(|block| block.comment);
        let comments: Vec<_> = comments.collect();
        let ends = [format!("notes: {name}"), format!("practice: {number}")];
        let expected = if number == "00" {
            &ends[..1]
        } else {
            &ends[..]
        };
        let is_session = comments
            .first()
            .is_some_and(|first| first.starts_with("session: "));
        ensure!(
            is_session && comments[1..] == *expected,
            "{name}: {comments:?}"
        );
        let Some((_, room)) = section.split_once("\nIn the room: ") else {
            ensure!(number == "00", "{name}: what fits into the room?");
            continue;
        };
        for (what, _, stage) in named(&format!("In the room: {room}"))? {
            ensure!(stage == number, "{name}: {what} is of stage {stage}");
        }
    }
    Ok(())
}

/// A shell that runs a command in the background prints a line, and one more when that has ended.
#[test]
fn demonstrations_fit_the_projector() -> anyhow::Result<()> {
    let text = page("teaching-chapters")?;
    let mut count = 0;
    for block in parse(&text)? {
        if !matches!(block.kind, Kind::Session(_)) {
            continue;
        }
        count += 1;
        let mut rows = 1;
        for line in text[block.body.clone()].lines() {
            let place = format!("teaching-chapters.md:{}", block.line);
            ensure!(line.chars().count() <= COLUMNS, "{place}: too wide: {line}");
            let says_more = line.ends_with(" &") || line.starts_with("$ kill %");
            rows += if says_more { 2 } else { 1 };
            ensure!(rows <= ROWS, "{place}: more than {ROWS} lines, at {line}");
        }
    }
    ensure!(count == 9, "{count} demonstrations");
    Ok(())
}

#[test]
fn notes_are_of_known_kinds_and_each_chapter_has_them() -> anyhow::Result<()> {
    for name in taught()? {
        let text = page(&name)?;
        let notes: Vec<_> = text.lines().filter_map(note).collect();
        for note in &notes {
            let is_known = NOTES.iter().any(|(kind, _)| note.starts_with(kind));
            ensure!(is_known, "{name}: what kind of note is “{note}”?");
        }
        for (kind, least) in NOTES {
            let count = notes.iter().filter(|note| note.starts_with(kind)).count();
            ensure!(count >= least, "{name}: {count} notes of {kind}");
        }
        let sentences = notes.iter().filter(|note| note.starts_with(NOTES[0].0));
        ensure!(
            sentences.count() == 1,
            "{name}: only one sentence must stick"
        );
    }
    Ok(())
}
