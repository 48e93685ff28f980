//! Chapter 2: a process for each client.

pub(super) mod cost;
pub(super) mod crash;
mod talk;
pub(super) mod worker;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 2,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                crash::harms_one,
                cost::of_stage_2,
                cost::on_write,
                talk::a_message,
            ],
        ),
        claims: &[
            (11, cost::on_write),
            (12, talk::a_message),
            (22, crash::in_both_stages),
        ],
        specimens: &[("talk", talk::talk), ("touch", cost::touch)],
    }
}
