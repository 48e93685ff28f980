//! `cargo lab lesson 04`: a question, a guess, an experiment.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use crate::chapters::CHAPTERS;
use crate::course::{Chapter, Prediction, Step};
use crate::show::{self, Document, Ending, Output, Progress, Tone};
use crate::world::Source;
use crate::{Evidence, Lab};

/// The arguments of `cargo lab lesson`.
#[derive(Debug, Args)]
pub struct LessonOptions {
    /// The chapter's number
    #[arg(value_parser = clap::value_parser!(u8).range(0..=8))]
    number: u8,
    /// Do not ask for a guess
    #[arg(long, short)]
    yes: bool,
}

/// Runs one lesson.
///
/// # Errors
///
/// Returns the errors of the output; what [`judge`] says of the steps.
pub fn run(lab: &Lab, options: LessonOptions, output: &mut Output) -> anyhow::Result<Ending> {
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
    let mut result = LessonResult {
        chapter: chapter.number,
        title: lesson.title,
        guess,
        answer: lesson.prediction.answer,
        steps: Vec::new(),
    };
    let progress = Progress::new(lesson.steps.len());
    for step in lesson.steps {
        progress.step(step.what);
        let seen = Seen::of(lab, step);
        progress.done();
        progress.aside(|| output.print(seen.document()))?;
        result.steps.push(seen);
    }
    drop(progress);
    let verdict = judge(result.steps.iter());
    match &verdict {
        Ok(Ending::AsExpected) => {
            output.print(answer(&lesson.prediction, guess))?;
            output.print(closing(chapter))?;
        }
        _ => output.print(unanswered())?,
    }
    output.record("lesson", &result)?;
    verdict
}

/// Whether all steps came out as they should.
///
/// # Errors
///
/// If some could not be done here: how many, and why the first could not.
pub fn judge<'a>(steps: impl Iterator<Item = &'a Seen> + Clone) -> anyhow::Result<Ending> {
    let mut reasons = steps.clone().filter_map(|seen| seen.not_done.as_deref());
    if let Some(first) = reasons.next() {
        let number = 1 + reasons.count();
        let total = steps.count();
        bail!("{number} of {total} steps cannot be done here: {first}");
    }
    let mut steps = steps;
    Ok(steps.all(|seen| seen.evidence.holds()).into())
}

/// Asks for a guess; an empty line is none.
fn ask(prediction: &Prediction) -> anyhow::Result<Option<usize>> {
    loop {
        let choices = prediction.choices.len();
        write!(
            io::stdout(),
            "\nYour guess (1 to {choices}, or Enter to skip): "
        )?;
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(None);
        }
        match line.trim().parse::<usize>() {
            Ok(number) if (1..=choices).contains(&number) => return Ok(Some(number - 1)),
            _ => writeln!(io::stdout(), "Please choose one of 1 to {choices}.")?,
        }
    }
}

/// A lesson that was run.
#[derive(Debug, Serialize)]
struct LessonResult {
    chapter: u8,
    title: &'static str,
    /// The guess and the right answer, from 0.
    guess: Option<usize>,
    answer: usize,
    steps: Vec<Seen>,
}

/// A step of a lesson that was done.
#[derive(Debug, Serialize)]
pub struct Seen {
    what: &'static str,
    /// The facts.
    pub evidence: Evidence,
    /// Why it could not be done here, if it could not.
    pub not_done: Option<String>,
}

impl Seen {
    /// Does a step. That it cannot be done here keeps nobody from the next one.
    pub fn of(lab: &Lab, step: &Step) -> Self {
        let evidence = Evidence::of(lab, step.experiment);
        Self {
            what: step.what,
            not_done: evidence.failure.clone(),
            evidence,
        }
    }

    /// The facts, below what was done.
    pub fn document(&self) -> Document {
        let mut document = Document::default();
        document.heading(self.what);
        if !self.evidence.facts.is_empty() {
            document.table(show::evidence(&self.evidence));
        }
        if let Some(reason) = &self.not_done {
            document.toned(Tone::Warn, format!("Not done: {reason}"));
        }
        document
    }
}

/// The title, and what it is about.
pub fn opening(chapter: &Chapter) -> Document {
    let mut document = Document::new(format!(
        "Lesson {:02} · {}",
        chapter.number, chapter.lesson.title
    ));
    document.text(chapter.lesson.opening);
    document
}

fn question(prediction: &Prediction) -> Document {
    let mut document = Document::default();
    document.toned(Tone::Strong, prediction.question);
    let choices = prediction.choices.iter().enumerate();
    document.lines(choices.map(|(number, choice)| format!("{}. {choice}", number + 1)));
    document
}

fn answer(prediction: &Prediction, guess: Option<usize>) -> Document {
    let mut document = Document::default();
    let choice = |place: usize| prediction.choices.get(place).copied().unwrap_or_default();
    let right = choice(prediction.answer);
    let (tone, verdict) = match guess {
        None => (Tone::Strong, format!("The answer: {right}")),
        Some(guess) if guess == prediction.answer => (Tone::Good, format!("As you said: {right}")),
        Some(guess) => (
            Tone::Warn,
            format!("You said: {}\nBut: {right}", choice(guess)),
        ),
    };
    document.toned(tone, verdict);
    document.text(prediction.because);
    document
}

/// Stands in place of an answer that the steps have not shown.
fn unanswered() -> Document {
    let mut document = Document::default();
    let text = "Not every step has shown what it should, so the answer has to wait: run the lesson again when it does.";
    document.toned(Tone::Warn, text);
    document
}

/// Returns the conclusion, and where to read on.
pub fn closing(chapter: &Chapter) -> Document {
    let mut document = Document::default();
    document.text(chapter.lesson.conclusion);
    let mut places = vec![format!("chapter {:02}", chapter.number)];
    places.extend(chapter.lesson.sources.iter().map(Source::to_string));
    document.toned(Tone::Quiet, format!("Read on: {}", places.join(" · ")));
    document
}
