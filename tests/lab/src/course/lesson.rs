//! The lesson of a chapter: its words, which are a file of text next to the experiments, and its steps.

use anyhow::{Context, bail, ensure};

use super::Experiment;
use crate::world::Source;

/// The lesson of a chapter.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The one idea, in a line.
    pub title: &'static str,
    /// The question that the stage before left open, and what this one tries.
    pub opening: &'static str,
    /// The question that the learner is asked first.
    pub prediction: Prediction,
    /// The steps that are done then; the tour shows the first.
    pub steps: Vec<Step>,
    /// The conclusion, and what is still missing: the next chapter's question.
    pub conclusion: &'static str,
    /// The lines of the sources to read.
    pub sources: Vec<Source>,
}

/// A part of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The deed, in a sentence.
    pub what: &'static str,
    /// Does it.
    pub experiment: Experiment,
}

/// A question whose answer the experiment shows.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The question.
    pub question: &'static str,
    /// The answers that may be guessed.
    pub choices: Vec<&'static str>,
    /// The right one, from 0.
    pub answer: usize,
    /// Why it is that.
    pub because: &'static str,
}

/// Returns the lesson that a text has the words of, in eight paragraphs: the title, the opening, the question, the choices
/// with the right one ticked, the reason, the steps, which `experiments` do, the conclusion, and the lines to read on.
///
/// # Panics
///
/// If the text is of another form.
pub(crate) fn lesson(text: &'static str, experiments: &[Experiment]) -> Lesson {
    let read = read(text, experiments);
    read.unwrap_or_else(|error| panic!("{error:#}: {text}"))
}

fn read(text: &'static str, experiments: &[Experiment]) -> anyhow::Result<Lesson> {
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").collect();
    let [
        title,
        opening,
        question,
        choices,
        because,
        steps,
        conclusion,
        sources,
    ] = paragraphs[..]
    else {
        bail!(
            "a lesson has eight paragraphs, and not {}",
            paragraphs.len()
        );
    };
    let choices = lines(choices, |line| line.strip_prefix("- [")?.split_once("] "))?;
    let answer = choices.iter().position(|(mark, _)| *mark == "x");
    let steps = lines(steps, |line| line.split_once(". "))?;
    ensure!(
        steps.len() == experiments.len(),
        "an experiment for each step"
    );
    let steps = steps.iter().zip(experiments);
    Ok(Lesson {
        title: title.strip_prefix("# ").context("no title")?,
        opening,
        prediction: Prediction {
            question: question.strip_prefix("## ").context("no question")?,
            choices: choices.iter().map(|(_, choice)| *choice).collect(),
            answer: answer.context("no choice is ticked")?,
            because,
        },
        steps: steps
            .map(|((_, what), experiment)| Step {
                what,
                experiment: *experiment,
            })
            .collect(),
        conclusion,
        sources: lines(sources, |line| {
            let (file, text) = line.strip_prefix("- ")?.split_once(": `")?;
            let text = text.strip_suffix('`')?;
            Some(Source { file, text })
        })?,
    })
}

/// Reads a paragraph, each line of which is one thing.
fn lines<T>(text: &'static str, read: fn(&'static str) -> Option<T>) -> anyhow::Result<Vec<T>> {
    let read = |line| read(line).with_context(|| format!("what is this? {line}"));
    text.lines().map(read).collect()
}
