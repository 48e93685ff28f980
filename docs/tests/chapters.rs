//! The chapters have the parts that a reader counts on.

use std::fs;

use anyhow::{Context, ensure};
use book::blocks::{Kind, parse};
use book::{Prose, chapters, read, workspace};
use regex::Regex;
use zoo::Fault;

const PARTS: [&str; 9] = [
    "The question",
    "Predict",
    "Run it",
    "The code",
    "Inside the kernel",
    "What it costs",
    "What still breaks",
    "Break it yourself",
    "Sources",
];

/// The names of the stages' folders, which are those of their chapters.
pub(crate) fn stages() -> anyhow::Result<Vec<String>> {
    let mut stages = Vec::new();
    for entry in fs::read_dir(workspace())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with('0') {
            stages.push(name);
        }
    }
    stages.sort();
    ensure!(stages.len() == 8, "there are eight stages, and {stages:?}");
    Ok(stages)
}

pub(crate) fn chapter(name: &str) -> anyhow::Result<String> {
    read(&chapters().join(format!("{name}.md")))
}

/// The part of a chapter below one of its headings.
fn part<'a>(text: &'a str, heading: &str) -> anyhow::Result<&'a str> {
    let mut parts = text.split("\n## ").skip(1);
    let part = parts.find_map(|part| part.strip_prefix(heading)?.strip_prefix('\n'));
    part.with_context(|| format!("there is no part {heading:?}"))
}

#[test]
fn each_stage_has_its_nine_parts() -> anyhow::Result<()> {
    for stage in stages()? {
        let text = chapter(&stage)?;
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let headings: Vec<_> = headings.collect();
        ensure!(headings == PARTS, "{stage}: {headings:?}");
        for heading in PARTS {
            let long_enough = part(&text, heading)?.split_whitespace().count() > 20;
            ensure!(long_enough, "{stage}: {heading:?} is empty");
        }
        let number = &stage[..2];
        let lesson = format!("cargo lab lesson {number}");
        ensure!(
            part(&text, "Run it")?.contains(&lesson),
            "{stage}: no {lesson}"
        );
        let xray = Regex::new(&format!(r"<!-- output: cargo lab xray [^>]*{number}"))?;
        ensure!(
            xray.is_match(part(&text, "What it costs")?),
            "{stage}: no X-ray"
        );
        let diff = number == "01" || part(&text, "The code")?.contains("<!-- diff: ");
        ensure!(diff, "{stage}: how does it differ from the stage before?");
    }
    Ok(())
}

#[test]
fn questions_come_before_their_answers() -> anyhow::Result<()> {
    for stage in stages()? {
        let text = chapter(&stage)?;
        let folded = |heading| anyhow::Ok(part(&text, heading)?.matches("<details>").count());
        let questions = folded("Predict")?;
        let asked = part(&text, "Predict")?.matches("\n**").count();
        ensure!(
            asked == questions,
            "{stage}: {asked} questions, {questions} answers"
        );
        ensure!(
            (2..=4).contains(&questions),
            "{stage}: {questions} to predict"
        );
        let breaks = part(&text, "Break it yourself")?.matches("\n### ").count();
        ensure!((4..=6).contains(&breaks), "{stage}: {breaks} to break");
        let answers = folded("Break it yourself")?;
        ensure!(
            answers >= breaks,
            "{stage}: {answers} answers for {breaks} breaks"
        );
    }
    Ok(())
}

/// The minutes follow from the text, and stand twice: on the page, and in the plan.
#[test]
fn every_page_says_how_long_it_takes() -> anyhow::Result<()> {
    let minutes = Regex::new(r"(?m)^\*(\d+) minutes\. ")?;
    let overview = chapter("how-to-use")?;
    let mut wrong = Vec::new();
    for path in book::markdown_files()? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == "SUMMARY.md" {
            continue;
        }
        let text = read(&path)?;
        let said = minutes.captures(&text);
        let said: usize = said.with_context(|| format!("{name}: how long?"))?[1].parse()?;
        let takes = Prose::of(&text).minutes();
        let row = Regex::new(&format!(r"(?m)^\|[^\n]*\({name}\)[^\n]*\| *{takes} *\|"))?;
        if said != takes || (name != "how-to-use.md" && !row.is_match(&overview)) {
            wrong.push(format!(
                "{name}: {takes} minutes, on the page and in how-to-use.md"
            ));
        }
    }
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// A chapter is read in one sitting or two: at most 2,800 words, apart from what is folded away, and 22,000 in all.
#[test]
fn no_chapter_is_too_long() -> anyhow::Result<()> {
    let mut names = stages()?;
    names.push("00-sockets".to_owned());
    let mut sum = 0;
    for name in names {
        let words = Prose::of(&chapter(&name)?).unfolded;
        ensure!(words <= 2_800, "{name}: {words} words");
        sum += words;
    }
    ensure!(sum <= 22_000, "{sum} words in all");
    Ok(())
}

/// A guess is a choice of three, and a patch is hidden until the reader has tried.
#[test]
fn guesses_offer_three_choices_and_patches_are_hidden() -> anyhow::Result<()> {
    let choices = Regex::new(r"[^,?]+, [^?]*\bor [^?]+\?$")?;
    let mut names = stages()?;
    names.push("00-sockets".to_owned());
    for name in names {
        let text = chapter(&name)?;
        let questions = part(&text, "Predict")?.split("\n\n");
        for question in questions
            .map(str::trim)
            .filter(|text| text.starts_with("**"))
        {
            let question = question.replace('\n', " ");
            ensure!(
                choices.is_match(&question),
                "{name}: no three choices: {question}"
            );
        }
        for (place, _) in text.match_indices("<!-- patch: ") {
            let before = &text[..place];
            let folds = before.matches("<details>").count();
            let is_folded = folds > before.matches("</details>").count();
            let line = before.lines().count();
            ensure!(is_folded, "{name}: the patch after line {line} is shown");
        }
    }
    Ok(())
}

#[test]
fn a_break_says_where_it_was_seen_and_what_turns_red() -> anyhow::Result<()> {
    for stage in stages()? {
        let text = chapter(&stage)?;
        let (mut shown, mut judged) = (Vec::new(), Vec::new());
        for block in parse(part(&text, "Break it yourself")?)? {
            match block.kind {
                Kind::Patch(patch) => {
                    patch.field("Seen in")?;
                    let fault = Fault::read(&patch.path())?;
                    let own = fault.name.starts_with(&stage[..3]);
                    ensure!(own, "{stage}: {} is of another stage", fault.name);
                    shown.push(patch.file);
                }
                Kind::Red(patch) => judged.push(patch.file),
                _ => {}
            }
        }
        ensure!(
            shown == judged,
            "{stage}: {shown:?} are made, {judged:?} judged"
        );
        ensure!(shown.len() >= 4, "{stage}: {shown:?}");
    }
    Ok(())
}

/// A scenario's file explains itself in an editor, and the page does not show that.
#[test]
fn every_scenario_begins_with_a_comment() -> anyhow::Result<()> {
    for scenario in book::scenario::all()? {
        let (name, title, about) = (scenario.name, scenario.title, scenario.about);
        let text = read(&book::scenario::folder().join(format!("{name}.txt")))?;
        let comment = text.lines().next().unwrap_or_default();
        ensure!(
            comment.starts_with("## ") && comment.contains("docs/chapters/playground.md"),
            "{name} begins with {comment:?}"
        );
        let shown = format!("{title} {about}");
        ensure!(!shown.contains("playground.md"), "{name} shows {shown:?}");
    }
    Ok(())
}
