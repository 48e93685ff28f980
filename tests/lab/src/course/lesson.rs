//! The lesson of a chapter: its words, from a text file next to the experiments, and its steps.

use anyhow::{Context, bail, ensure};

use super::Experiment;
use crate::world::Source;

/// The lesson of a chapter.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The one idea, in a line.
    pub title: &'static str,
    /// The question that the previous stage left open, and what this one tries.
    pub opening: &'static str,
    /// The question that comes first.
    pub prediction: Prediction,
    /// The steps that follow; the tour shows the first.
    pub steps: Vec<Step>,
    /// The conclusion, and what is still missing: the question of the next chapter.
    pub conclusion: &'static str,
    /// The source lines to read next.
    pub sources: Vec<Source>,
}

/// A step of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What it does, in a sentence.
    pub what: &'static str,
    /// The experiment that does it.
    pub experiment: Experiment,
}

/// A question that the experiment answers.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The question.
    pub question: &'static str,
    /// The choices.
    pub choices: Vec<&'static str>,
    /// The index of the right choice, from 0.
    pub answer: usize,
    /// Why it is right.
    pub because: &'static str,
}

/// Returns the lesson written in `text`, in eight paragraphs: the title, the opening, the question, the choices with
/// the right one ticked, the reason, the steps, which `experiments` carry out, the conclusion, and the source lines to
/// read.
///
/// # Panics
///
/// Panics if the text has another form.
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
        bail!("a lesson has eight paragraphs, not {}", paragraphs.len());
    };
    let choices = lines(choices, |line| line.strip_prefix("- [")?.split_once("] "))?;
    let answer = choices.iter().position(|(mark, _)| *mark == "x");
    let steps = lines(steps, |line| line.split_once(". "))?;
    ensure!(
        steps.len() == experiments.len(),
        "steps and experiments differ in number"
    );
    let steps = steps.into_iter().zip(experiments);
    let step = |((_, what), &experiment)| Step { what, experiment };
    Ok(Lesson {
        title: title.strip_prefix("# ").context("no title")?,
        opening,
        prediction: Prediction {
            question: question.strip_prefix("## ").context("no question")?,
            choices: choices.iter().map(|(_, choice)| *choice).collect(),
            answer: answer.context("exactly one choice has to be ticked")?,
            because,
        },
        steps: steps.map(step).collect(),
        conclusion,
        sources: lines(sources, |line| {
            let (file, text) = line.strip_prefix("- ")?.split_once(": `")?;
            let text = text.strip_suffix('`')?;
            Some(Source { file, text })
        })?,
    })
}

/// Parses a paragraph of one item per line.
fn lines<T>(text: &'static str, read: fn(&'static str) -> Option<T>) -> anyhow::Result<Vec<T>> {
    let read = |line| read(line).with_context(|| format!("cannot read this line: {line}"));
    text.lines().map(read).collect()
}
