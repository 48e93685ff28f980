//! Measures what the text shows of times: they are those of one machine on one day, so they are printed
//! with both, and nothing compares them later.
//!
//! One run of `cargo lab scale` gives the text of the `measured:` blocks and the curves of the pictures
//! `measured-scale-….svg`, so that the one cannot contradict the other.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, ensure};
use bench::Figure;
use lab::world::{Machine, cargo};
use serde::Deserialize;

use crate::blocks::{Kind, parse};
use crate::{chapters, markdown_files, read, workspace};

/// What the lab writes of a run, as far as it is of use here.
#[derive(Debug, Deserialize)]
struct Report {
    results: Vec<Recorded>,
}

#[derive(Debug, Deserialize)]
struct Recorded {
    result: Study,
}

/// A part of `cargo lab scale`, and the curves that it has measured.
#[derive(Debug, Deserialize)]
struct Study {
    name: String,
    figures: Vec<Figure>,
}

/// Runs `cargo lab scale`, which takes two minutes, draws its curves, and fills in the `measured:` blocks of
/// all chapters.
///
/// # Errors
///
/// If the lab cannot measure here, or a block names something that it does not print.
pub fn measure() -> anyhow::Result<()> {
    let path = workspace().join("target/measured-scale.json");
    let text = run_lab(&path)?;
    let report = serde_json::from_str(&read(&path)?);
    let report: Report = report.context("the lab's report is not what was expected")?;
    let pictures = chapters().join("pictures");
    for study in report.results.into_iter().map(|recorded| recorded.result) {
        for (number, figure) in study.figures.iter().enumerate() {
            let number = match study.figures.len() {
                1 => String::new(),
                _ => format!("-{}", number + 1),
            };
            let picture = pictures.join(format!("measured-scale-{}{number}.svg", study.name));
            fs::write(&picture, figure.svg()?)
                .with_context(|| format!("cannot write {}", picture.display()))?;
        }
    }
    let head = head();
    for chapter in markdown_files()? {
        fill_in(&chapter, &head, &text).with_context(|| chapter.display().to_string())?;
    }
    Ok(())
}

/// Returns the machine in lines of at most 80 columns: its processor, too, as times are its own.
fn head() -> String {
    let machine = Machine::here();
    let processor = machine.processor.as_deref();
    let processor = processor.unwrap_or("a processor without a name");
    let mut head = String::new();
    for part in format!("{}, {processor}", machine.in_words()).split(", ") {
        let line = head.lines().last().unwrap_or_default();
        let between = match line.len() + part.len() {
            _ if line.is_empty() => "",
            ..=77 => ", ",
            _ => ",\n",
        };
        head += &format!("{between}{part}");
    }
    head
}

/// What `cargo lab scale` prints. Its progress is for a person who waits, its report for `path`.
fn run_lab(path: &Path) -> anyhow::Result<String> {
    let mut lab = cargo();
    let output = lab
        .args(["lab", "scale", "--report"])
        .arg(path)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run the lab")?;
    // Curves that are not as expected are a result, too, and the text says so.
    let mut text = String::from_utf8(output.stdout)?;
    // Where the report is concerns nobody who reads the book.
    text.truncate(text.find("\nThe report is in ").unwrap_or(text.len()));
    ensure!(
        path.exists() && !text.is_empty(),
        "the lab measured nothing"
    );
    Ok(text)
}

/// Fills in the `measured: cargo lab scale` blocks of a chapter: the whole, or the parts that are named behind §.
fn fill_in(chapter: &Path, head: &str, printed: &str) -> anyhow::Result<()> {
    let mut text = read(chapter)?;
    // From the end, so that the places of those before stay.
    for block in parse(&text)?.into_iter().rev() {
        let Kind::Measured(source) = &block.kind else {
            continue;
        };
        let mut names = source.split(" § ").map(str::trim);
        if names.next() != Some("cargo lab scale") {
            continue;
        }
        let mut parts = Vec::new();
        for name in names {
            let part = part(printed, name);
            parts.push(part.with_context(|| format!("line {}: no part {name:?}", block.line))?);
        }
        let shown = match parts.is_empty() {
            true => printed.trim_matches('\n').to_owned(),
            false => parts.join("\n\n"),
        };
        text.replace_range(block.body, &format!("{head}\n\n{shown}\n"));
    }
    fs::write(chapter, text).context("cannot write it")
}

/// The part of a text with the title that begins with `name`, up to the next title: a title has a line
/// drawn below it.
fn part(printed: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = printed.lines().collect();
    let is_title = |at: usize| lines.get(at + 1).is_some_and(|line| line.starts_with("──"));
    let first = (0..lines.len()).find(|at| is_title(*at) && lines[*at].starts_with(name))?;
    let end = (first + 1..lines.len()).find(|at| is_title(*at));
    let end = end.unwrap_or(lines.len());
    Some(lines[first..end].join("\n").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_part_goes_from_its_title_to_the_next() {
        let printed = "\nOne of N\n────────\n\ntext\n\n  1  2\n\nOther\n─────\n\nmore\n";
        let one = "One of N\n────────\n\ntext\n\n  1  2";
        assert_eq!(part(printed, "One").as_deref(), Some(one));
        assert_eq!(
            part(printed, "Other").as_deref(),
            Some("Other\n─────\n\nmore")
        );
        assert_eq!(part(printed, "text"), None);
    }
}
