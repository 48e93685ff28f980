//! Chapter 7.

use super::Chapter;
use crate::lesson::{Lesson, Prediction};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 7,
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
