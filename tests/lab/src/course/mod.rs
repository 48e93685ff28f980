//! The types of the course: a chapter has a lesson, and claims that experiments decide by their evidence.

mod evidence;
mod lesson;
mod statements;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::world::{Lab, SpecimenMain};

pub use evidence::{Count, Evidence, Expected, Fact};
pub(crate) use lesson::lesson;
pub use lesson::{Lesson, Prediction, Step};
pub(crate) use statements::statements;

/// A chapter.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Its number, the same as its stage's; 0 comes before the first server.
    pub number: u8,
    /// Its lesson.
    pub lesson: Lesson,
    /// The experiments that decide its claims, by number of the claim.
    pub claims: &'static [(u8, Experiment)],
    /// The small programs that its experiments watch, by name.
    pub specimens: &'static [(&'static str, SpecimenMain)],
}

/// An experiment sets something up, looks at it, notes what it sees, and cleans up. It may panic, as the suite does:
/// [`Evidence::of`] catches that.
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
    /// The truth, and where it is written: a man page, a function of the kernel.
    pub truth: &'static str,
    /// The proof.
    #[serde(skip)]
    pub proof: Proof,
}

/// The proof of a claim.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// An experiment.
    Experiment(Experiment),
    /// Reading alone, for this reason.
    Text(&'static str),
}

/// The verdict on a claim, which serde names and parses as the word in the book.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    True,
    /// It holds with a restriction, or in part.
    Partly,
    /// It leads the reader to something false.
    Misleading,
    /// It does not hold.
    False,
    /// It can neither hold nor fail.
    Opinion,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
