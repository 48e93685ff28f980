//! Chapter 8: a file's pages, mapped.

mod copies;
mod faults;
mod site;
mod ways;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 8,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                copies::who_sees_the_change,
                faults::page_by_page,
                site::a_file_is_served,
                site::a_file_is_cut,
            ],
        ),
        claims: &[
            (42, faults::page_by_page),
            (43, copies::who_sees_the_change),
        ],
        specimens: &[
            ("reader", faults::reader),
            ("beyond-the-end", site::beyond_the_end),
        ],
    }
}
