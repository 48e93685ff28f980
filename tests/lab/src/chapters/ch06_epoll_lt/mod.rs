//! Chapter 6: epoll, level-triggered.

mod calls;
mod copies;
mod cost;
mod interest_list;
mod limits;
mod ready_list;
mod slope;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 6,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                cost::the_same_echo,
                ready_list::one_of_many,
                ready_list::filled_while_nobody_waits,
                ready_list::listed_once,
                ready_list::by_turns,
                copies::events_are_copied,
            ],
        ),
        claims: &[
            (1, interest_list::beside_poll),
            (2, cost::beside_more_and_more),
            (3, calls::best_for_what),
            (6, ready_list::by_turns),
            (13, limits::out_of_descriptors),
            (16, ready_list::one_of_many),
            (17, ready_list::a_read_a_message),
            (18, cost::when_all_are_active),
            (19, slope::processor_time),
            (20, ready_list::a_stopped_server),
            (35, calls::of_which_age),
            (36, limits::a_full_table),
            (37, interest_list::a_number_that_was_closed),
            (38, ready_list::filled_while_nobody_waits),
            (39, interest_list::without_a_device),
            (40, ready_list::listed_once),
            (41, copies::events_are_copied),
        ],
        specimens: &[
            ("closed-number", interest_list::closed_number),
            ("fill-the-list", limits::fill_the_list),
            ("naive-acceptor", limits::naive_acceptor),
        ],
    }
}
