//! Chapter 3: a thread for each client.

pub(super) mod crash;

use super::Chapter;
use crate::lesson::{Lesson, Prediction};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 3,
    lesson: Lesson {
        title: "",
        opening: "",
        prediction: Prediction {
            question: "",
            choices: &[],
            answer: 0,
            because: "",
        },
        steps: &[],
        conclusion: "",
        sources: &[],
    },
    claims: &[],
    specimens: &[],
};
