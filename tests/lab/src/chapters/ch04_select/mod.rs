//! Chapter 4: one thread, many clients, and a set that names whom to wait for.

mod answer;
mod crowd;
mod handed;
mod value;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 4,
    lesson: Lesson {
        title: "select: one thread asks who is ready",
        opening: "A process or a thread for each client mostly sleeps. One thread could serve all, if it \
                  knew whose turn it is. select(2) tells it: it is given a set of descriptors, sleeps \
                  until one of them is ready, and says which.",
        prediction: Prediction {
            question: "A server on select may open 20,000 descriptors, and has 10 open. The next \
                       client's socket happens to get number 1,024. What becomes of this client?",
            choices: &[
                "It is served: 11 descriptors are no burden",
                "It is let in when another client has left",
                "It is turned away: a set has no place for that number",
                "accept fails: more than 1,024 descriptors are not allowed",
            ],
            answer: 2,
            because: "A set is an array of 1,024 bits, numbered from 0, and a descriptor is an index \
                      into it. How many descriptors are open does not matter, nor how many may be. In C \
                      nothing stops you: FD_SET of 1,024 writes into whatever lies behind the array.",
        },
        steps: &[
            step(
                "Clients come to stage 4 until one is turned away; then one of them speaks",
                crowd::as_many_as_fit,
            ),
            step(
                "One socket as number 1,023 and as 1,024, in a process that has few others",
                value::the_value_decides,
            ),
            step(
                "One client speaks, beside 10, 100 and 1,000 that are silent",
                handed::to_select,
            ),
            step(
                "What comes back: the set itself, read from the server's memory",
                answer::the_set_says_which,
            ),
        ],
        conclusion: "One thread serves them all. But the number 1,023 is the end, and at each \
                     wake-up the kernel is handed every descriptor again, for the one that is ready. \
                     The first of the two is only the shape of a set. Stage 5 takes another.",
        sources: &[
            at("04-select/src/lib.rs", "match select("),
            at("04-select/src/lib.rs", "fn admit("),
            at("04-select/src/connection.rs", "pub fn interest("),
        ],
    },
    claims: &[
        (4, crowd::one_thread),
        (8, value::the_value_decides),
        (9, value::a_set_of_ones_own),
        (10, crowd::two_processes),
        (15, handed::to_each),
        (31, crowd::as_many_as_fit),
        (32, answer::the_set_says_which),
    ],
    specimens: &[
        ("moved-socket", value::moved_socket),
        ("fortified-macro", value::fortified_macro),
        ("own-bitmap", value::own_bitmap),
    ],
};
