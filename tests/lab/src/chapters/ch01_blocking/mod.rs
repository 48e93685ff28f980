//! Chapter 1: one client at a time.

mod queue;

use crate::course::{Chapter, lesson};

/// Returns the chapter.
pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 1,
        lesson: lesson(include_str!("lesson.md"), &[queue::a_silent_client]),
        claims: &[(5, queue::a_silent_client)],
        specimens: &[],
    }
}
