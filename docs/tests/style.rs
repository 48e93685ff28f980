//! One style on every page: the quotes, the labels of folds, what is bold; and blocks that a translation can follow one by one.

use anyhow::ensure;
use book::{markdown_files, read};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

/// The most words of a paragraph.
const PARAGRAPH: usize = 125;
/// The labels of the folds of a question, and of a fault to make.
const LABELS: [&str; 4] = ["Answer", "Answers", "The patch", "All the cases that fail"];

/// Returns what is wrong with a page, each with its line.
fn faults(text: &str) -> anyhow::Result<Vec<String>> {
    let tag = Regex::new(r"</?(?:details|summary|code)>|<!--(?s:.*?)-->")?;
    let label = Regex::new(r"<summary>(.*?)</summary>")?;
    let mut wrong = Vec::new();
    let (mut is_code, mut words, mut part) = (false, None::<usize>, String::new());
    let mut heading = None::<String>;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let line = text[..range.start].lines().count().max(1);
        match event {
            Event::Start(Tag::Heading { level, .. }) if level as usize == 2 => {
                heading = Some(String::new())
            }
            Event::End(TagEnd::Heading(_)) => part = heading.take().unwrap_or(part),
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Start(Tag::Paragraph) => words = Some(0),
            Event::End(TagEnd::Paragraph) => {
                let words = words.take().unwrap_or(0);
                if words > PARAGRAPH {
                    wrong.push(format!("{line}: a paragraph of {words} words"));
                }
            }
            Event::Text(piece) if !is_code => {
                heading.iter_mut().for_each(|heading| *heading += &piece);
                words = words.map(|words| words + piece.split_whitespace().count());
                if piece.contains('"') {
                    wrong.push(format!("{line}: straight quotes: {piece}"));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let rest = tag.replace_all(&html, "");
                if rest.contains('<') {
                    wrong.push(format!("{line}: layout: {}", rest.trim()));
                }
                for label in label.captures_iter(&html) {
                    let is_asked = part == "Predict" || part == "Break it yourself";
                    if is_asked && !LABELS.contains(&&label[1]) {
                        wrong.push(format!("{line}: a fold's label: {}", &label[1]));
                    }
                }
            }
            _ => {}
        }
    }
    for number in Regex::new(r"\*\*C\d+\*\*")?.find_iter(text) {
        wrong.push(format!("a statement's number in bold: {}", number.as_str()));
    }
    Ok(wrong)
}

#[test]
fn every_page_has_one_style() -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for path in markdown_files()? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let faults = faults(&read(&path)?)?;
        wrong.extend(faults.into_iter().map(|fault| format!("{name}:{fault}")));
    }
    ensure!(
        wrong.is_empty(),
        "{} places:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}

#[test]
fn each_fault_of_style_is_seen() -> anyhow::Result<()> {
    let long = "word ".repeat(PARAGRAPH + 1);
    let planted = [
        ("He said \"no\" there.", "straight quotes"),
        (long.as_str(), "126 words"),
        ("A <b>word</b>.", "layout"),
        (
            "## Predict\n\n<details><summary>Look</summary>\n",
            "a fold's label",
        ),
        ("So **C22** is true.", "in bold"),
    ];
    for (text, complaint) in planted {
        let faults = faults(text)?.join("\n");
        ensure!(faults.contains(complaint), "{text}: {faults}");
    }
    let fine = "`\"code\"` and “quotes”, C22 <!-- a comment -->\n\n## Predict\n\n<details><summary>Answer</summary>\n";
    ensure!(faults(fine)?.is_empty(), "{:?}", faults(fine)?);
    Ok(())
}
