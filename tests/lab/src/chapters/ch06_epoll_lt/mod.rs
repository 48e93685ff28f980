//! Chapter 6: epoll, level-triggered.

mod calls;
mod copies;
mod cost;
mod interest_list;
mod limits;
mod readiness;
mod ready_list;
mod slope;
pub(super) mod watcher;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 6,
    lesson: LESSON,
    claims: &[
        (1, interest_list::beside_poll),
        (2, cost::beside_more_and_more),
        (3, calls::for_one_connection),
        (6, ready_list::by_turns),
        (13, limits::out_of_descriptors),
        (16, ready_list::one_of_many),
        (17, readiness::a_read_a_message),
        (18, cost::when_all_are_active),
        (19, slope::processor_time),
        (20, readiness::a_stopped_server),
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
        ("regular-file", interest_list::regular_file),
    ],
};

const LESSON: Lesson = Lesson {
    title: "epoll: the kernel keeps the list",
    opening: "select and poll forget. At each wait the program names every descriptor anew, and the \
              kernel asks each of them, though one in a thousand has something to say. What if the \
              kernel kept the list, and noted by itself who becomes ready?",
    prediction: Prediction {
        question: "1,000 clients are silent, one sends a word. How many descriptors does a server on \
                   epoll hand in when it waits for that word, and how many come out?",
        choices: &[
            "all 1,001 in, and 1 out",
            "none in, and 1 out",
            "none in, and all 1,001 out, each with its state",
            "1 in, and 1 out: it has to name whom it waits for",
        ],
        answer: 1,
        because: "Each was named once, by epoll_ctl, when it came. That hung a callback of epoll's into \
                  the socket's wait queue. What arrives at a socket calls it, and it puts the socket on \
                  the ready list; the wait takes what is there. Who is silent costs nothing.",
    },
    steps: &[
        step(
            "One client says a word beside a silent crowd, to stages 4, 5 and 6",
            cost::the_same_echo,
        ),
        step(
            "200 descriptors are on a list, one is written to",
            ready_list::one_of_many,
        ),
        step(
            "The ready list fills while nobody waits, and does not lie",
            ready_list::filled_while_nobody_waits,
        ),
        step(
            "100 datagrams for one socket: one place on the ready list",
            ready_list::listed_once,
        ),
        step(
            "Two are ready, and there is room for one: they come by turns",
            ready_list::by_turns,
        ),
        step(
            "What a wait writes, and where: nothing is mapped",
            copies::events_are_copied,
        ),
    ],
    conclusion: "A wait costs what is ready, not what is watched. But it is level-triggered: who is \
                 ready is queued again and reported at every wait until nothing is left to read. Could \
                 the kernel say it once, when something arrives, and leave the rest to the program? \
                 That is stage 7.",
    sources: &[
        at("06-epoll-lt/src/lib.rs", "pub fn run("),
        at("06-epoll-lt/src/selector.rs", "pub fn wait("),
        at("06-epoll-lt/src/slab.rs", "pub struct Slab"),
    ],
};
