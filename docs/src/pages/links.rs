//! Links to sources, pictures, the numbers of statements, and man pages.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::Context;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use super::code;
use super::edits::Edits;
use super::scenarios;
use crate::{chapters, read};

/// A chapter with its links to sources led to the pages of the code, its pictures put in, and its
/// mentions of statements made into links, and the first mention of each man page.
pub(super) fn resolve(text: &str, sources: &mut BTreeSet<PathBuf>) -> anyhow::Result<String> {
    let mut edits = Edits::default();
    let is_the_list = text.starts_with("# The statements");
    // A link in a link is none, and a heading is a link to itself.
    let mut linked = 0;
    let manual = Regex::new(r"\b([a-z][a-z0-9_-]*)\(([0-9])(type)?\)")?;
    let mut manuals = BTreeSet::new();
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
            Event::Text(_) if linked == 0 => {
                link_manuals(&manual, text, range.clone(), &mut manuals, &mut edits);
                if !is_the_list {
                    link_statements(text, range, &mut edits);
                }
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

/// Makes each man page in a piece of running text a link, such as `accept(2)`, unless `known` has it. Linux has no page of
/// kqueue(2).
fn link_manuals(
    manual: &Regex,
    text: &str,
    range: Range<usize>,
    known: &mut BTreeSet<String>,
    edits: &mut Edits,
) {
    for found in manual.captures_iter(&text[range.clone()]) {
        let (all, name, section) = (found.get_match(), &found[1], &found[2]);
        if name == "kqueue" || !known.insert(all.as_str().to_owned()) {
            continue;
        }
        let kind = found.get(3).map_or("", |kind| kind.as_str());
        let page =
            format!("https://man7.org/linux/man-pages/man{section}/{name}.{section}{kind}.html");
        let place = range.start + all.start()..range.start + all.end();
        edits.replace(place, format!("[{}]({page})", all.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::resolve;

    #[test]
    fn the_first_mention_of_a_man_page_is_a_link() -> anyhow::Result<()> {
        let text =
            "# poll(2)\n\npoll(2) and `read(2)`, poll(2), [read(2)](x), epoll_event(3type)\n";
        let man = "https://man7.org/linux/man-pages";
        let expected = format!(
            "# poll(2)\n\n[poll(2)]({man}/man2/poll.2.html) and `read(2)`, poll(2), [read(2)](x), \
             [epoll_event(3type)]({man}/man3/epoll_event.3type.html)\n"
        );
        assert_eq!(resolve(text, &mut BTreeSet::new())?, expected);
        Ok(())
    }
}
