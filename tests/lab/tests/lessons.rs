//! Every lesson: its experiments come out as they should, and it points at lines that are there.

use lab::Lab;
use lab::chapters::CHAPTERS;
use lab::course::Chapter;
use lab::lesson::Seen;

fn lesson(number: u8) {
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    let chapter = &CHAPTERS[usize::from(number)];
    assert_eq!(chapter.number, number);
    is_complete(chapter);
    for step in chapter.lesson.steps {
        let seen = Seen::of(&lab, step);
        assert!(seen.evidence.holds(), "{seen:#?}");
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
    for source in lesson.sources {
        assert!(source.line().is_some(), "no such line: {source:?}");
    }
}

macro_rules! lessons {
    ($($name:ident $number:literal)*) => { $(
        #[test]
        fn $name() {
            lesson($number);
        }
    )* };
}

lessons! {
    lesson_00 0
    lesson_01 1
    lesson_02 2
    lesson_03 3
    lesson_04 4
    lesson_05 5
    lesson_06 6
    lesson_07 7
    lesson_08 8
}
