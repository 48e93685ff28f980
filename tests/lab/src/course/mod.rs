//! The types of the course: a chapter has a lesson and claims, which experiments decide by their evidence.

mod evidence;
mod statements;

use serde::Serialize;

use crate::world::{Lab, Source, SpecimenMain};

pub use evidence::{Count, Evidence, Expected, Fact};
pub(crate) use statements::statements;

/// A chapter.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// Its number, that of its stage; 0 is for what comes before the first server.
    pub number: u8,
    /// Its experiment for learners.
    pub lesson: Lesson,
    /// The experiments that decide its claims, by the claims' numbers.
    pub claims: &'static [(u8, Experiment)],
    /// The small programs that its experiments look at, by name.
    pub specimens: &'static [(&'static str, SpecimenMain)],
}

/// An experiment sets something up, looks at it, notes what it sees, and lets go of all of it. It may panic, as
/// the suite does: [`Evidence::of`] catches that.
pub type Experiment = fn(&Lab, &mut Evidence) -> anyhow::Result<()>;

/// The lesson of a chapter.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// The one idea, in a line.
    pub title: &'static str,
    /// The question that the stage before left open, and what this one tries.
    pub opening: &'static str,
    /// The question that the learner is asked first.
    pub prediction: Prediction,
    /// The steps that are done then; the tour shows the first.
    pub steps: &'static [Step],
    /// The conclusion, and what is still missing: the next chapter's question.
    pub conclusion: &'static str,
    /// Where in the sources it stands.
    pub sources: &'static [Source],
}

/// A part of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The deed, in a sentence.
    pub what: &'static str,
    /// Does it.
    pub experiment: Experiment,
}

/// Returns the step that does `what`.
pub(crate) const fn step(what: &'static str, experiment: Experiment) -> Step {
    Step { what, experiment }
}

/// Returns the place in `file` that contains `text`.
pub(crate) const fn at(file: &'static str, text: &'static str) -> Source {
    Source { file, text }
}

/// A question whose answer the experiment shows.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    /// The question.
    pub question: &'static str,
    /// The answers that may be guessed.
    pub choices: &'static [&'static str],
    /// The right one, from 0.
    pub answer: usize,
    /// Why it is that.
    pub because: &'static str,
}

/// A statement that is met on the web and in lecture notes.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Its number, 1 to 43: C15 is 15.
    pub number: u8,
    /// The statement itself.
    pub statement: &'static str,
    /// Whether it is so.
    pub verdict: Verdict,
    /// The truth, and where it stands: a man page, a function of the kernel.
    pub truth: &'static str,
    /// How that shows.
    pub proof: Proof,
}

/// How a claim is decided.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// By an experiment.
    Experiment(Experiment),
    /// By reading only; this is why.
    Text(&'static str),
}

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    True,
    /// It holds with a restriction, or in a part.
    Partly,
    /// It leads one to something false.
    Misleading,
    /// It does not hold.
    False,
    /// It cannot hold or fail.
    Opinion,
}

impl Verdict {
    const ALL: [Self; 5] = [
        Self::True,
        Self::Partly,
        Self::Misleading,
        Self::False,
        Self::Opinion,
    ];

    /// Returns the verdict in a word.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::Partly => "partly",
            Self::Misleading => "misleading",
            Self::False => "false",
            Self::Opinion => "opinion",
        }
    }
}
