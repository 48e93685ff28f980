//! The types of the course: a chapter has a lesson and claims, which experiments decide by their evidence.

mod evidence;
mod lesson;
mod statements;

use serde::Serialize;

use crate::world::{Lab, SpecimenMain};

pub use evidence::{Count, Evidence, Expected, Fact};
pub(crate) use lesson::lesson;
pub use lesson::{Lesson, Prediction, Step};
pub(crate) use statements::statements;

/// A chapter.
#[derive(Clone, Debug)]
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

/// A statement from the web or from lecture notes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Claim {
    /// Its number, 1 to 43: C15 is 15.
    pub number: u8,
    /// The statement itself.
    pub statement: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The truth, and where it stands: a man page, a function of the kernel.
    pub truth: &'static str,
    /// The proof of that.
    #[serde(skip)]
    pub proof: Proof,
}

/// The proof of a claim.
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
