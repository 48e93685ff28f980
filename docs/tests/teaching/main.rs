//! What the pages for teachers promise: minutes that add up, tasks and hunts that are there, demonstrations that fit the
//! projector, and notes of one shape.

mod shape;

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use book::{chapters, read, workspace};
use practice::course::Course;
use practice::{hunt, task};
use regex::Regex;

fn page(name: &str) -> anyhow::Result<String> {
    read(&chapters().join(format!("{name}.md")))
}

/// The sections of the page that has one for each chapter.
fn sections() -> anyhow::Result<Vec<String>> {
    let page = page("teaching-chapters")?;
    let sections = page.split("\n## ").skip(1).map(str::to_owned);
    Ok(sections.collect())
}

/// Returns how long a section says that its demonstration takes.
fn demonstration(section: &str) -> anyhow::Result<u32> {
    let minutes = Regex::new(r"(?m)^\*(\d+) minutes at the projector\*, next to `cargo run ")?;
    let minutes = minutes
        .captures(section)
        .context("how long is the demonstration?")?;
    Ok(minutes[1].parse()?)
}

/// A row of a table that begins with minutes, or with a cell before them.
struct Row {
    place: String,
    first: String,
    minutes: u32,
    is_sum: bool,
    text: String,
}

fn rows() -> anyhow::Result<Vec<Row>> {
    let row = Regex::new(r"^\| (?:([a-z][^|]*) \| )?(\*{0,2})(\d+)\*{0,2} \| ?(.*?) ?\|$")?;
    let text = page("teaching")?;
    let rows = text.lines().enumerate().filter_map(|(number, line)| {
        let row = row.captures(line)?;
        Some(Row {
            place: format!("teaching.md:{}", number + 1),
            first: row.get(1).map_or("", |first| first.as_str()).to_owned(),
            minutes: row[3].parse().ok()?,
            is_sum: !row[2].is_empty(),
            text: row[4].to_owned(),
        })
    });
    Ok(rows.collect())
}

/// What a text names of the practice, with its minutes and its stage.
fn named(text: &str) -> anyhow::Result<Vec<(String, u32, String)>> {
    let course = Course::at(workspace());
    let of_tasks = Regex::new(r"\btasks? (?:start )?(\d\d\.\d)(?: (?:to|and) (\d\d\.\d))?")?;
    let of_hunts = Regex::new(r"\b[Hh]unts? (?:start )?(\d+(?:(?:, | and )\d+)*)")?;
    let mut named = BTreeSet::new();
    for range in of_tasks.captures_iter(text) {
        let first = &range[1];
        let last = range.get(2).map_or(first, |last| last.as_str());
        for number in [first, last] {
            task::find(&course, number)?;
        }
        let tasks = task::all(&course)?.into_iter();
        let inside = tasks.filter(|task| (first..=last).contains(&&*task.number));
        named.extend(inside.map(|task| {
            let stage = task.stage().to_owned();
            (format!("task {}", task.number), task.minutes, stage)
        }));
    }
    for list in of_hunts.captures_iter(text) {
        for number in list[1]
            .split([',', ' '])
            .filter(|part| part.parse::<u32>().is_ok())
        {
            let hunt = hunt::find(&course, number)?;
            let stage = format!("{:02}", hunt.stage);
            named.insert((format!("hunt {}", hunt.number), hunt.minutes, stage));
        }
    }
    Ok(named.into_iter().collect())
}

#[test]
fn plans_add_up() -> anyhow::Result<()> {
    let (mut sum, mut sums) = (0, 0);
    for row in rows()?.iter().filter(|row| row.first.is_empty()) {
        if row.is_sum {
            ensure!(sum == row.minutes, "{}: {sum} minutes", row.place);
            (sum, sums) = (0, sums + 1);
        } else {
            sum += row.minutes;
        }
    }
    ensure!(sum == 0 && sums >= 6, "a plan has no sum");
    Ok(())
}

/// A row says what to do: a section, a command, a task or a hunt. What it names is there, and fits into its minutes.
#[test]
fn plans_name_what_there_is() -> anyhow::Result<()> {
    let patch = Regex::new(r"tests/zoo/[\w-]+\.patch")?;
    let sections = sections()?;
    for row in rows()?.iter().filter(|row| !row.is_sum) {
        let Row {
            place,
            text,
            minutes,
            ..
        } = row;
        let practice = named(text).with_context(|| place.clone())?;
        if !row.first.is_empty() {
            let sum: u32 = practice.iter().map(|(_, minutes, _)| minutes).sum();
            ensure!(sum == *minutes, "{place}: {sum} minutes at home");
            continue;
        }
        let is_rest = ["break", "lunch", "questions"]
            .iter()
            .any(|rest| text.starts_with(rest));
        let is_exact = text.contains("](") || text.contains("`cargo ") || !practice.is_empty();
        ensure!(is_rest || is_exact, "{place}: what is to be done? {text}");
        // Pairs that hunt do so at the same time.
        let needed: u32 = match text.contains("one for each pair") {
            true => practice
                .iter()
                .map(|(_, minutes, _)| *minutes)
                .max()
                .unwrap_or(0),
            false => practice.iter().map(|(_, minutes, _)| minutes).sum(),
        };
        ensure!(
            needed <= *minutes,
            "{place}: {practice:?} take {needed} minutes"
        );
        for file in patch.find_iter(text) {
            ensure!(
                workspace().join(file.as_str()).is_file(),
                "{place}: {}",
                file.as_str()
            );
        }
        let Some((number, _)) = text.split_once(": [the demonstration](") else {
            continue;
        };
        let number = number.rsplit(' ').next().unwrap_or_default();
        let section = sections.iter().find(|section| section.starts_with(number));
        let takes = demonstration(section.with_context(|| place.clone())?)?;
        ensure!(
            takes == *minutes,
            "{place}: the demonstration takes {takes} minutes"
        );
    }
    Ok(())
}
