//! Each term of the glossary is explained where it first appears, in italics, and the glossary links to that place.

use std::collections::HashMap;

use anyhow::ensure;
use book::{chapters, read};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

/// The pages in the order of the course, and after it those for looking things up.
const ORDER: [&str; 17] = [
    "00-sockets",
    "01-blocking",
    "02-fork-per-conn",
    "03-thread-per-conn",
    "04-select",
    "05-poll",
    "06-epoll-lt",
    "07-epoll-et",
    "08-mmap-io",
    "proxy",
    "tokio",
    "cores",
    "io-uring",
    "time",
    "inside-tcp",
    "http",
    "inside-epoll",
];

/// Terms that stand in italics in another form.
const FORMS: [(&str, &str); 6] = [
    ("blocking call", "blocks"),
    ("file descriptor", "descriptor"),
    ("reap", "reaping"),
    ("ring", "rings"),
    ("timing wheel", "wheel"),
    ("zero-copy", "mmap is zero-copy"),
];

/// Terms that stand in a text before it explains them, and why.
const BEFORE: [(&str, &str); 9] = [
    ("connection", "the first page begins with an experiment"),
    ("mapping", "of a stack, where its addresses count"),
    ("poll", "in the name of a scenario"),
    ("port", "the first page begins with an experiment"),
    ("quiet", "an everyday word"),
    ("register", "of a CPU"),
    ("socket", "the first page begins with an experiment"),
    ("task", "of the practice"),
    ("timing wheel", "in the table above its paragraph"),
];

/// A piece of a page: words, whether they are in italics, and the place that they are in.
struct Piece {
    text: String,
    is_italic: bool,
    place: String,
}

/// Returns the place that mdBook gives a heading.
fn place_of(heading: &str) -> String {
    let letters = heading.trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || "-_".contains(letter) => {
            Some(letter.to_ascii_lowercase())
        }
        _ => None,
    });
    letters.collect()
}

/// Returns the running text of a page, without its first paragraph, headings, code, captions and sources. Folded text
/// counts for italics only.
fn pieces(text: &str) -> Vec<Piece> {
    let body = text.split("\n## Sources").next().unwrap_or_default();
    let body = body.splitn(3, "\n\n").last().unwrap_or_default();
    let (mut pieces, mut place, mut heading) = (Vec::new(), String::new(), None::<String>);
    let (mut folds, mut is_italic, mut is_aside) = (0_usize, false, false);
    for event in Parser::new_ext(body, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                place = heading
                    .take()
                    .map(|heading| place_of(&heading))
                    .unwrap_or_default();
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)) | Tag::Image { .. }) => {
                is_aside = true
            }
            Event::End(TagEnd::CodeBlock | TagEnd::Image) => is_aside = false,
            Event::Start(Tag::Emphasis | Tag::Strong) => is_italic = true,
            Event::End(TagEnd::Emphasis | TagEnd::Strong) => is_italic = false,
            Event::Html(html) | Event::InlineHtml(html) => {
                folds += html.matches("<details>").count();
                folds = folds.saturating_sub(html.matches("</details>").count());
            }
            Event::Text(text) | Event::Code(text) if heading.is_some() => {
                heading.iter_mut().for_each(|heading| *heading += &text);
            }
            Event::Text(text) if !is_aside && (is_italic || folds == 0) => pieces.push(Piece {
                text: text.into_string(),
                is_italic,
                place: place.clone(),
            }),
            Event::SoftBreak | Event::Code(_) => pieces.push(Piece {
                text: " ".to_owned(),
                is_italic,
                place: place.clone(),
            }),
            _ => {}
        }
    }
    pieces
}

/// Returns the words of a term, each with its plural.
fn any_of(term: &str) -> String {
    let form = FORMS.iter().find(|(name, _)| *name == term);
    let term = form.map_or(term, |(_, form)| form);
    let words: Vec<_> = term.split(", ").map(regex::escape).collect();
    format!("(?:{})(?:e?s)?", words.join("|"))
}

#[test]
fn each_term_is_explained_where_it_first_appears() -> anyhow::Result<()> {
    let mut pages = Vec::new();
    for name in ORDER {
        pages.push((name, pieces(&read(&chapters().join(format!("{name}.md")))?)));
    }
    let excused: HashMap<_, _> = BEFORE.into_iter().collect();
    let row = Regex::new(r"(?m)^- \*\*([^*(]+?)(?: \(.*?\))?\*\*[^:\n]*: (.*)$")?;
    let link = Regex::new(r"\]\(([a-z0-9-]+)\.md(?:#([a-z0-9_-]*))?\)")?;
    let glossary = read(&chapters().join("glossary.md"))?;
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in row.captures_iter(&glossary) {
        count += 1;
        let (term, about) = (&row[1], &row[2]);
        let italic = Regex::new(&format!("(?i)^(?:{})$", any_of(term)))?;
        let plain = Regex::new(&format!(r"(?i)(?:^|[^\w*-]){}(?:$|[^\w*(-])", any_of(term)))?;
        let mut first = None;
        let mut before = None;
        'pages: for (name, pieces) in &pages {
            for piece in pieces {
                if piece.is_italic && italic.is_match(piece.text.trim()) {
                    first = Some((*name, piece.place.as_str()));
                    break 'pages;
                }
                if before.is_none() && !piece.is_italic && plain.is_match(&piece.text) {
                    before = Some(format!("{name}#{}: {}", piece.place, piece.text));
                }
            }
        }
        let Some((page, place)) = first else {
            wrong.push(format!("{term}: nowhere in italics"));
            continue;
        };
        let mut links = link.captures_iter(about);
        let is_linked = links.any(|link| {
            &link[1] == page && link.get(2).map_or("", |place| place.as_str()) == place
        });
        if !is_linked {
            wrong.push(format!("{term}: no link to {page}.md#{place}"));
        }
        let is_said_before = before.filter(|_| !excused.contains_key(term));
        wrong.extend(
            is_said_before.map(|before| format!("{term}: before it is explained, in {before}")),
        );
    }
    ensure!(count > 100, "only {count} terms");
    for (term, _) in BEFORE.into_iter().chain(FORMS) {
        let known = glossary.contains(&format!("- **{term}"));
        ensure!(known, "the glossary has no {term}");
    }
    ensure!(
        wrong.is_empty(),
        "{} terms:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}

#[test]
fn a_term_is_found_in_italics_and_before() {
    let text = "# Title\n\n*5 minutes.*\n\n## A place\n\nA slab. ![a slab](x)\n\n### Two: `words`\n\nThe *slab* here.\n";
    let pieces = pieces(text);
    let found: Vec<_> = pieces
        .iter()
        .map(|piece| (piece.text.as_str(), piece.is_italic, piece.place.as_str()))
        .collect();
    let place = "two-words";
    let expected = [
        ("A slab. ", false, "a-place"),
        ("The ", false, place),
        ("slab", true, place),
        (" here.", false, place),
    ];
    assert_eq!(found, expected);
}
