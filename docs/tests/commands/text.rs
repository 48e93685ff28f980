//! The commands that stand in the text.

use std::path::PathBuf;

use anyhow::ensure;
use book::{markdown_files, read, workspace};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A command, and where it stands.
pub(crate) struct Found {
    pub(crate) command: String,
    /// Whether it is only named, in running text, where what it is applied to may be left out.
    pub(crate) is_mention: bool,
    pub(crate) path: PathBuf,
}

/// The lines of all `sh` fences, and what begins with `cargo ` between backticks.
pub(crate) fn commands() -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut paths = markdown_files()?;
    paths.push(workspace().join("README.md"));
    for path in paths {
        let text = read(&path)?;
        let mut in_shell = false;
        for event in Parser::new(&text) {
            let (lines, is_mention) = match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    in_shell = &*language == "sh";
                    continue;
                }
                Event::End(TagEnd::CodeBlock) => {
                    in_shell = false;
                    continue;
                }
                Event::Text(lines) if in_shell => (lines, false),
                Event::Code(code) if code.starts_with("cargo ") => (code, true),
                _ => continue,
            };
            let lines = lines.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            found.extend(lines.map(|line| Found {
                command: line.to_owned(),
                is_mention,
                path: path.clone(),
            }));
        }
    }
    ensure!(found.len() > 50, "only {} commands", found.len());
    Ok(found)
}

/// The programs that a line runs, each with its words; what stands in quotes is one word.
pub(crate) fn parts(line: &str) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    for character in line
        .split(" #")
        .next()
        .unwrap_or_default()
        .chars()
        .chain([' '])
    {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ' | '|' | ';' | '&') => {
                if !word.is_empty() {
                    let part = parts.last_mut();
                    part.into_iter()
                        .for_each(|part| part.push(std::mem::take(&mut word)));
                }
                if character != ' ' {
                    parts.push(Vec::new());
                }
            }
            _ => word.push(character),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
