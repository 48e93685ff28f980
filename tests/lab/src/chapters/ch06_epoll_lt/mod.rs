//! Chapter 6: epoll, level-triggered.

mod calls;
mod claims;
mod completion;
mod copies;
mod cost;
mod interest_list;
mod limits;
mod readiness;
mod ready_list;
mod slope;
mod watchable;
mod watcher;

use crate::course::{Chapter, Lesson, Prediction, Step};
use crate::world::Source;

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 6,
    lesson: LESSON,
    claims: claims::CLAIMS,
    specimens: &[
        ("become", calls::become_program),
        ("closed-number", interest_list::closed_number),
        ("fill-the-list", limits::fill_the_list),
        ("naive-acceptor", limits::naive_acceptor),
        ("regular-file", watchable::regular_file),
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
        Step {
            what: "One client says a word beside a silent crowd, to stages 4, 5 and 6",
            experiment: cost::the_same_echo,
        },
        Step {
            what: "200 descriptors are on a list, one is written to",
            experiment: ready_list::one_of_many,
        },
        Step {
            what: "The ready list fills while nobody waits, and does not lie",
            experiment: ready_list::filled_while_nobody_waits,
        },
        Step {
            what: "100 datagrams for one socket: one place on the ready list",
            experiment: ready_list::listed_once,
        },
        Step {
            what: "Two are ready, and there is room for one: they come by turns",
            experiment: ready_list::by_turns,
        },
        Step {
            what: "What a wait writes, and where: nothing is mapped",
            experiment: copies::events_are_copied,
        },
    ],
    conclusion: "A wait costs what is ready, not what is watched. But it is level-triggered: who is \
                 ready is queued again and reported at every wait until nothing is left to read. Could \
                 the kernel say it once, when something arrives, and leave the rest to the program? \
                 That is stage 7.",
    sources: &[
        Source {
            file: "06-epoll-lt/src/lib.rs",
            text: "pub fn run(",
        },
        Source {
            file: "06-epoll-lt/src/selector.rs",
            text: "pub fn wait(",
        },
        Source {
            file: "06-epoll-lt/src/slab.rs",
            text: "pub struct Slab",
        },
    ],
};
