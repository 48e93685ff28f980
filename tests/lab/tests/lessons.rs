//! Every lesson is complete, and points at lines that are there. Its experiments are made for the book, which shows a
//! part of each lesson: see `docs/tests/blocks.rs`.

use lab::chapters::CHAPTERS;
use lab::course::Chapter;

#[test]
fn lessons_are_complete() {
    for (number, chapter) in CHAPTERS.iter().enumerate() {
        assert_eq!(usize::from(chapter.number), number);
        is_complete(chapter);
    }
}

fn is_complete(chapter: &Chapter) {
    let lesson = &chapter.lesson;
    for text in [lesson.title, lesson.opening, lesson.conclusion] {
        assert!(!text.is_empty(), "{lesson:#?}");
    }
    let prediction = &lesson.prediction;
    assert!(prediction.choices.len() >= 3, "{prediction:#?}");
    assert!(prediction.answer < prediction.choices.len());
    assert!(!lesson.steps.is_empty() && !lesson.sources.is_empty());
    for source in &lesson.sources {
        assert!(source.line().is_some(), "no such line: {source:?}");
    }
}
