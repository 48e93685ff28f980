//! Links to sources, pictures, and the numbers of statements.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::Context;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::code;
use super::edits::Edits;
use super::scenarios;
use crate::{chapters, read};

/// A chapter with its links to sources led to the pages of the code, its pictures put in, and its
/// mentions of statements made into links.
pub(super) fn resolve(text: &str, sources: &mut BTreeSet<PathBuf>) -> anyhow::Result<String> {
    let mut edits = Edits::default();
    let is_the_list = text.starts_with("# The statements");
    // A link in a link is none, and a heading is a link to itself.
    let mut linked = 0;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Link {
                dest_url, title, ..
            }) => {
                linked += 1;
                if let Some(html) = scenarios::simulator(&dest_url, &title)? {
                    edits.replace(range, html);
                } else if let Some(source) = dest_url.strip_prefix("../../") {
                    let place = destination(text, &range, &dest_url)?;
                    edits.replace(place, code::page_of(source));
                    sources.insert(source.trim_end_matches('/').into());
                }
            }
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_)) => linked += 1,
            Event::End(TagEnd::Link | TagEnd::Heading(_) | TagEnd::CodeBlock) => linked -= 1,
            Event::Start(Tag::Image { dest_url, .. }) if dest_url.ends_with(".svg") => {
                let picture = read(&chapters().join(&*dest_url))?;
                edits.replace(range, format!("<figure>{}</figure>", in_line(&picture)));
            }
            Event::Text(_) if linked == 0 && !is_the_list => {
                link_statements(text, range, &mut edits)
            }
            _ => {}
        }
    }
    Ok(edits.apply(text))
}

/// Where in a link its destination stands.
fn destination(text: &str, link: &Range<usize>, url: &str) -> anyhow::Result<Range<usize>> {
    let place = text[link.clone()].rfind(url);
    let start = link.start + place.with_context(|| format!("a link to {url}, by reference"))?;
    Ok(start..start + url.len())
}

/// A picture in one line: an empty one would end it in Markdown.
fn in_line(picture: &str) -> String {
    let lines = picture.lines().map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

/// Makes each `C15` in a piece of running text a link.
fn link_statements(text: &str, range: Range<usize>, edits: &mut Edits) {
    let piece = &text[range.clone()];
    for (place, _) in piece.match_indices('C') {
        let before = piece[..place].chars().next_back();
        let digits: String = piece[place + 1..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let after = piece[place + 1 + digits.len()..].chars().next();
        let alone = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let number = digits.parse::<usize>().unwrap_or(0);
        let is_known = || (1..=lab::chapters::claims().len()).contains(&number);
        if alone(before) && alone(after) && is_known() {
            let start = range.start + place;
            let link = format!("[C{number}](statements.md#c{number})");
            edits.replace(start..start + 1 + digits.len(), link);
        }
    }
}
