//! Chapter 4: one thread, many clients, and a set that names whom to wait for.

mod answer;
mod bitmap;
mod crowd;
mod handed;
mod value;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

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
            Step {
                what: "Clients come to stage 4 until one is turned away; then one of them speaks",
                experiment: crowd::as_many_as_fit,
            },
            Step {
                what: "One socket as number 1,023 and as 1,024, in a process that has few others",
                experiment: value::the_value_decides,
            },
            Step {
                what: "One client speaks, beside 10, 100 and 1,000 that are silent",
                experiment: handed::to_select,
            },
            Step {
                what: "What comes back: the set itself, read from the server's memory",
                experiment: answer::the_set_says_which,
            },
        ],
        conclusion: "One thread serves them all. But the number 1,023 is the end, and at each \
                     wake-up the kernel is handed every descriptor again, for the one that is ready. \
                     The first of the two is only the shape of a set. Stage 5 takes another.",
        sources: &[
            Source {
                file: "04-select/src/lib.rs",
                text: "match select(",
            },
            Source {
                file: "04-select/src/lib.rs",
                text: "fn admit(",
            },
            Source {
                file: "04-select/src/connection.rs",
                text: "pub fn interest(",
            },
        ],
    },
    claims: &[
        Claim {
            number: 4,
            statement: "Multiplexing means that several users share one channel.",
            verdict: Verdict::Misleading,
            truth: "That is the word's sense in telecommunications. Here no channel is shared: each \
                    client has a connection of its own, and what is shared is the one thread that \
                    waits for all of them at once (select(2)).",
            proof: Proof::Experiment(crowd::one_thread),
        },
        Claim {
            number: 8,
            statement: "FD_SETSIZE limits how many descriptors a process may open.",
            verdict: Verdict::False,
            truth: "RLIMIT_NOFILE does that (getrlimit(2)). FD_SETSIZE is the size of an fd_set, and so \
                    limits the value of a descriptor that may be put into one, whatever else is open \
                    (select(2), WARNING). The set used here refuses 1,024; C's FD_SET writes beyond it.",
            proof: Proof::Experiment(value::the_value_decides),
        },
        Claim {
            number: 9,
            statement: "To watch more with select, redefine FD_SETSIZE and compile again.",
            verdict: Verdict::False,
            truth: "glibc's header sets the macro whatever was defined before, and FD_SET in a fortified \
                    program aborts at 1,024 (sys/select.h, debug/fdelt_chk.c). The kernel has no such \
                    limit: it takes a bitmap of one's own, and looks no further than the process's \
                    table of descriptors goes (fs/select.c, core_sys_select).",
            proof: Proof::Experiment(bitmap::a_set_of_ones_own),
        },
        Claim {
            number: 10,
            statement: "To serve more with select, use several processes.",
            verdict: Verdict::True,
            truth: "Each process has a table of descriptors of its own, which is numbered from 0 \
                    (open(2)). So each has 1,024 numbers that fit into a set, and two serve more than one \
                    can (C31).",
            proof: Proof::Experiment(crowd::two_processes),
        },
        Claim {
            number: 15,
            statement: "select and poll go through all descriptors at each call.",
            verdict: Verdict::True,
            truth: "Both are handed the whole set at each call, and ask each descriptor in it; they do \
                    not stop at the first that is ready, and after a sleep they begin again \
                    (fs/select.c, do_select and do_poll). epoll_wait is handed nothing, and writes an \
                    event for each descriptor that is ready (fs/eventpoll.c, ep_send_events).",
            proof: Proof::Experiment(handed::to_each),
        },
        Claim {
            number: 30,
            statement: "select is available on nearly every platform.",
            verdict: Verdict::True,
            truth: "It came with 4.2BSD in 1983 and is in POSIX since 2001 (select(2), HISTORY); \
                    Windows has it for sockets.",
            proof: Proof::Text("it is about other systems than this one"),
        },
        Claim {
            number: 31,
            statement: "With select, a process can watch 1,024 descriptors at most.",
            verdict: Verdict::Partly,
            truth: "An fd_set has room for the descriptors 0 to 1,023. Some of these are the server's own, \
                    and a higher one does not fit even if it is the only one (select(2), WARNING). \
                    A bitmap of one's own goes further: see C9.",
            proof: Proof::Experiment(crowd::as_many_as_fit),
        },
        Claim {
            number: 32,
            statement: "select cannot say which one is ready: one has to loop over 10,000.",
            verdict: Verdict::False,
            truth: "It changes the sets in place: the bits that are still set are exactly those that are \
                    ready (select(2)). To find them takes a pass over the bits below nfds; but glibc's \
                    set has 1,024 of these, and not 10,000.",
            proof: Proof::Experiment(answer::the_set_says_which),
        },
    ],
    specimens: &[
        ("moved-socket", value::moved_socket),
        ("fortified-macro", bitmap::fortified_macro),
        ("own-bitmap", bitmap::own_bitmap),
    ],
};
