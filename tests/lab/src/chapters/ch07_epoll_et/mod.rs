//! Chapter 7: reported once, and remembered by the program.

mod edges;
mod pressure;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 7,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                edges::one_arrival,
                pressure::a_late_reader,
                pressure::a_flood,
            ],
        ),
        claims: &[(7, edges::one_arrival), (21, edges::without_data)],
        specimens: &[],
    }
}
