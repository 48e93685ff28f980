//! `cargo lab lesson 04`: a question, a guess, an experiment.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::chapters::CHAPTERS;
use crate::course::{Chapter, Prediction, Step};
use crate::show::{Document, Ending, Output, Reader, Tone, progress_bar};
use crate::world::Source;
use crate::{Evidence, Lab};

/// The arguments of `cargo lab lesson`.
#[derive(Debug, Args)]
pub(crate) struct LessonOptions {
    /// Name the chapter by its number
    #[arg(value_parser = clap::value_parser!(u8).range(0..=8))]
    number: u8,
    /// Skip the guess, and wait for nothing
    #[arg(long, short)]
    yes: bool,
}

/// Runs one lesson. Fails as [`judge`] does.
pub(crate) fn run(
    lab: &Lab,
    options: LessonOptions,
    output: &mut Output,
) -> anyhow::Result<Ending> {
    let chapter = CHAPTERS.iter().find(|c| c.number == options.number);
    let chapter = chapter.context("the chapters are 00 to 08")?;
    let lesson = &chapter.lesson;
    output.print(opening(chapter))?;
    output.print(question(&lesson.prediction))?;
    let asked = output.is_text() && !options.yes && io::stdin().is_terminal();
    let guess = match asked {
        true => ask(&lesson.prediction)?,
        false => None,
    };
    let mut reader = match options.yes {
        true => Reader::in_a_hurry(),
        false => Reader::of(output),
    };
    let mut steps = Vec::new();
    let total = lesson.steps.len();
    let progress = progress_bar(total);
    for step in &lesson.steps {
        progress.set_message(step.what);
        let seen = Seen::of(lab, step);
        progress.inc(1);
        let document = seen.document();
        steps.push(seen);
        let next = match steps.len() {
            last if last == total => "the answer".to_owned(),
            number => format!("step {} of {total}", number + 1),
        };
        progress.suspend(|| {
            output.print(document)?;
            reader.turn_to(&next, output)
        })?;
    }
    drop(progress);
    let verdict = judge(steps.iter());
    match &verdict {
        Ok(Ending::AsExpected) => {
            output.print(answer(&lesson.prediction, guess))?;
            output.print(closing(chapter))?;
        }
        _ => output.print(Document::paragraph(Tone::Warn, UNANSWERED))?,
    }
    let result = json!({
        "chapter": chapter.number,
        "title": lesson.title,
        // From 0.
        "guess": guess,
        "answer": lesson.prediction.answer,
        "steps": steps,
    });
    output.record("lesson", &result)?;
    verdict
}

/// Returns whether all steps came out as expected. Fails if some could not be done here; says how many, and why the
/// first could not.
pub(crate) fn judge<'a>(
    mut steps: impl Iterator<Item = &'a Seen> + Clone,
) -> anyhow::Result<Ending> {
    let mut reasons = steps.clone().filter_map(|seen| seen.not_done.as_deref());
    if let Some(first) = reasons.next() {
        let number = 1 + reasons.count();
        let total = steps.count();
        bail!("{number} of {total} steps could not run here: {first}");
    }
    Ok(steps.all(|seen| seen.evidence.holds()).into())
}

/// Asks for a guess; an empty line skips it.
fn ask(prediction: &Prediction) -> anyhow::Result<Option<usize>> {
    loop {
        let choices = prediction.choices.len();
        let mut stdout = io::stdout();
        write!(stdout, "\nYour guess (1 to {choices}, or Enter to skip): ")?;
        stdout.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(None);
        }
        match line.trim().parse::<usize>() {
            Ok(number) if (1..=choices).contains(&number) => return Ok(Some(number - 1)),
            _ => writeln!(stdout, "Please choose one of 1 to {choices}.")?,
        }
    }
}

/// A step of a lesson that has run.
#[derive(Debug, Serialize)]
pub struct Seen {
    what: &'static str,
    /// The facts.
    pub evidence: Evidence,
    /// Why it could not run here, if it could not.
    pub not_done: Option<String>,
}

impl Seen {
    /// Runs a step. If it cannot run here, the next one still does.
    pub fn of(lab: &Lab, step: &Step) -> Self {
        let evidence = Evidence::of(lab, step.experiment);
        Self {
            what: step.what,
            not_done: evidence.failure.clone(),
            evidence,
        }
    }

    /// Returns the facts, below the step that showed them.
    pub fn document(&self) -> Document {
        let mut document = Document::default();
        document.heading(self.what);
        document.evidence(&self.evidence);
        if let Some(reason) = &self.not_done {
            document.toned(Tone::Warn, format!("Could not run: {reason}"));
        }
        document
    }
}

/// Returns the title and the opening.
pub(crate) fn opening(chapter: &Chapter) -> Document {
    let (number, lesson) = (chapter.number, &chapter.lesson);
    let mut document = Document::new(format!("Lesson {number:02} · {}", lesson.title));
    document.text(lesson.opening);
    document
}

fn question(prediction: &Prediction) -> Document {
    let mut document = Document::paragraph(Tone::Strong, prediction.question);
    let choices = prediction.choices.iter().enumerate();
    document.lines(choices.map(|(number, choice)| format!("{}. {choice}", number + 1)));
    document
}

fn answer(prediction: &Prediction, guess: Option<usize>) -> Document {
    let choice = |place: usize| prediction.choices.get(place).copied().unwrap_or_default();
    let right = choice(prediction.answer);
    let (tone, verdict) = match guess {
        None => (Tone::Strong, format!("The answer: {right}")),
        Some(guess) if guess == prediction.answer => (Tone::Good, format!("As you said: {right}")),
        Some(guess) => {
            let said = choice(guess);
            (Tone::Warn, format!("You said: {said}\nBut: {right}"))
        }
    };
    let mut document = Document::paragraph(tone, verdict);
    document.text(prediction.because);
    document
}

/// The words that replace an answer the steps have not shown.
const UNANSWERED: &str = "Some step did not show what it should, so the answer has to wait. Put that right, and run the lesson again.";

/// Returns the conclusion and what to read next.
pub(crate) fn closing(chapter: &Chapter) -> Document {
    let mut document = Document::paragraph(Tone::Plain, chapter.lesson.conclusion);
    let mut places = vec![format!("chapter {:02}", chapter.number)];
    places.extend(chapter.lesson.sources.iter().map(Source::to_string));
    document.toned(Tone::Quiet, format!("Read on: {}", places.join(" · ")));
    document
}
