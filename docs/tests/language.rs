//! Habits of language that a machine can recognise, and that make a sentence sound foreign, stay out of everything that
//! people read: pages, comments, texts that a program prints, the first lines of patches. The list is a floor: it does
//! not make a text good.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use book::{run_quietly, workspace};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use regex::Regex;

/// What must not be written, and what to write.
const HABITS: [(&str, &str); 22] = [
    (
        r"\b(That|Those) of\b|\bWhat there is\b",
        "begin with the noun",
    ),
    (r"\b[Gg]ives? whether\b", "returns whether"),
    (r"\bbe it\b", "whether it is"),
    (r"\b[Bb]eside\b", "next to, compared with"),
    (r"\b[Ww]hoever\b", "anyone who, a client that"),
    (
        r"(?:^|[.:;!?] )Who (?:[^?.]|\.\S)*\.(?:\s|$)",
        "a client that, anyone who",
    ),
    (r"\bfor ever\b", "forever"),
    (r"\bto be had\b|\bcannot be had\b", "available"),
    (r"\bbecomes? of\b", "happens to"),
    (r"\b(?:is|are|was|were) met\b", "is found, is hit"),
    (
        r"\b(?:where|what|as|that|which|if) one (?:has|may|can|meets|must|asks|wants|needs|would|could|should)\b",
        "you",
    ),
    (r"\bprocessor time\b", "CPU time"),
    (r"\btill\b", "until"),
    (r"\bas seldom\b", "just as rarely"),
    (r"\bso as to\b", "in order to, to"),
    (
        r"(?:^|[^y] )[Ss]o many\b",
        "this many, as many, a limited number",
    ),
    (r"\bby turns\b", "alternately, they take turns"),
    (r"\bone's own\b", "your own, its own"),
    (r"\balso (?:if|while|when|where)\b", "even if, even while"),
    (r"\bfor want of\b", "for lack of"),
    (r"\bgone on with\b", "continued"),
    (r"\bbegins? anew\b", "starts over"),
];

/// A piece of text, and where it begins.
struct Passage {
    line: usize,
    text: String,
}

/// The text of a page, a paragraph or a cell each. Code is not language.
fn of_markdown(text: &str) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let (mut in_code, mut starts) = (false, true);
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item) | Event::Html(_) => {
                starts = true;
            }
            Event::Text(part) if !in_code => {
                if std::mem::take(&mut starts) || passages.is_empty() {
                    let line = text[..range.start].lines().count().max(1);
                    let text = String::new();
                    passages.push(Passage { line, text });
                }
                passages
                    .iter_mut()
                    .last()
                    .into_iter()
                    .for_each(|last| last.text += &part);
            }
            Event::SoftBreak => passages
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|last| last.text.push(' ')),
            Event::Code(_) => passages
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|last| last.text.push('X')),
            _ => {}
        }
    }
    passages
}

/// A comment or a literal of a program.
const PIECE: &str = r##"(?s)//[^\n]*|r#+".*?"#+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\\n])'"##;

/// The comments of a program, those of neighbouring lines together, and its literals.
fn of_program(text: &str, pieces: &Regex) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut end_of_comment = usize::MAX;
    for piece in pieces.find_iter(text) {
        let comment = piece.as_str().strip_prefix("//");
        let comment = comment.map(|comment| comment.trim_start_matches(['/', '!']).trim());
        let between = text.get(end_of_comment..piece.start()).unwrap_or("X");
        match (comment, passages.last_mut()) {
            (Some(comment), Some(last)) if between.trim().is_empty() && !comment.is_empty() => {
                last.text += " ";
                last.text += comment;
            }
            _ => passages.push(Passage {
                line: text[..piece.start()].lines().count().max(1),
                text: comment
                    .unwrap_or(piece.as_str().trim_matches('"'))
                    .to_owned(),
            }),
        }
        end_of_comment = if comment.is_some() {
            piece.end()
        } else {
            usize::MAX
        };
    }
    passages
}

/// What is wrong with a patch, which its first line says.
fn of_patch(text: &str) -> Vec<Passage> {
    let head = text.split("\nStage:").next().unwrap_or_default();
    vec![Passage {
        line: 1,
        text: head.replace('\n', " "),
    }]
}

/// Statements are quoted as they are found, and so is what others have written.
fn without_quotes(text: &str, statements: &[String]) -> String {
    let mut text = text.to_owned();
    for statement in statements {
        text = text.replace(statement.trim_end_matches('.'), "…");
    }
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '“' => depth += 1,
            '”' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

fn passages(file: &str, pieces: &Regex) -> anyhow::Result<Vec<Passage>> {
    let text = fs::read_to_string(workspace().join(file))?;
    let extension = Path::new(file).extension().and_then(|name| name.to_str());
    Ok(match extension {
        Some("md") => of_markdown(&text),
        Some("rs") => of_program(&text, pieces),
        Some("patch") => of_patch(&text),
        _ => Vec::new(),
    })
}

#[test]
fn everything_that_people_read_is_in_plain_english() -> anyhow::Result<()> {
    let statements = lab::chapters::claims();
    let statements = statements
        .into_iter()
        .map(|(_, claim)| claim.statement.to_owned());
    let statements: Vec<String> = statements.collect();
    let habits = HABITS.map(|(habit, better)| (Regex::new(habit), better));
    let pieces = Regex::new(PIECE)?;
    let (files, _) = run_quietly(Command::new("git").args(["ls-files"]))?;
    let mut found = Vec::new();
    let mut read = 0;
    for file in files
        .lines()
        .filter(|file| *file != "docs/tests/language.rs")
    {
        for passage in passages(file, &pieces)? {
            read += 1;
            let text = without_quotes(&passage.text, &statements);
            for (habit, better) in &habits {
                let habit = habit.as_ref().map_err(Clone::clone)?;
                found.extend(habit.find(&text).map(|place| {
                    format!("{file}:{}: “{}”: {better}", passage.line, place.as_str())
                }));
            }
        }
    }
    ensure!(
        read > 1_000,
        "only {read} passages: is this a git checkout?"
    );
    ensure!(
        found.is_empty(),
        "{} places:\n{}",
        found.len(),
        found.join("\n")
    );
    Ok(())
}

#[test]
fn each_habit_is_recognised() -> anyhow::Result<()> {
    let planted = [
        "Those of accept(2).",
        "It gives whether it is so.",
        "Be it here or there, be it anywhere.",
        "Beside it there is another.",
        "Whoever comes is served.",
        "Who comes late waits.",
        "It stays for ever.",
        "No thread is to be had.",
        "What becomes of it?",
        "A limit is met.",
        "It is what one has to do.",
        "It takes processor time.",
        "It reads till it is empty.",
        "It waits as seldom.",
        "It sleeps so as to save time.",
        "It wakes so many of them.",
        "They come by turns.",
        "A list of one's own.",
        "It sleeps, also if nobody comes.",
        "It fails for want of a thread.",
        "It is cut short, and gone on with.",
        "The interval begins anew.",
    ];
    for ((habit, _), text) in HABITS.iter().zip(planted) {
        ensure!(Regex::new(habit)?.is_match(text), "{habit} misses “{text}”");
    }
    Ok(())
}
