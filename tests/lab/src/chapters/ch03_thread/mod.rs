//! Chapter 3: a thread for each client.

mod beside;
mod share;

use super::ch02_fork::crash::ends_all;
use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 3,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                ends_all,
                beside::stage_2_and_3,
                share::what,
                beside::a_crowd_of_threads,
            ],
        ),
        claims: &[(23, share::what)],
        specimens: &[("share", share::share)],
    }
}
