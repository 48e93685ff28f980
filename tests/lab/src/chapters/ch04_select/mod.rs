//! Chapter 4: one thread, many clients, and a set that names the descriptors to wait for.

mod crowd;
mod handed;
pub(super) mod value;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 4,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                crowd::as_many_as_fit,
                value::the_value_decides,
                handed::to_select,
                handed::the_set_says_which,
            ],
        ),
        claims: &[
            (4, crowd::one_thread),
            (8, value::the_value_decides),
            (9, value::a_set_of_ones_own),
            (10, crowd::two_processes),
            (15, handed::to_each),
            (31, crowd::as_many_as_fit),
            (32, handed::the_set_says_which),
        ],
        specimens: &[
            ("moved-socket", value::moved_socket),
            ("fortified-macro", value::fortified_macro),
            ("own-bitmap", value::own_bitmap),
        ],
    }
}
