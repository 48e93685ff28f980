//! Chapter 7: told once, and remembered by the program.

mod activity;
mod edges;
mod pressure;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 7,
    lesson: Lesson {
        title: "epoll, edge-triggered: told once",
        opening: "Stage 6 is told of a ready socket for as long as it is ready, and has to say each \
                  time when it wants to hear of something else. With EPOLLET the kernel tells only what \
                  is new, and the program remembers it.",
        prediction: Prediction {
            question: "1,000 bytes arrive at a socket that is watched edge-triggered. The server reads \
                       100 of them and waits again. What happens?",
            choices: &[
                "It is woken at once: 900 bytes are left",
                "It sleeps: nothing new has happened",
                "It is woken after a while, as a reminder",
                "The 900 bytes are thrown away",
            ],
            answer: 1,
            because: "The arrival was the edge, and it was told. That bytes are left is no news. They \
                      stay in the socket until the client sends something else, which it may never do if \
                      it waits for an answer. So the server has to read until a read would block.",
        },
        steps: &[
            Step {
                what: "1,000 bytes arrive at once, and are read 100 at a time",
                experiment: edges::one_arrival,
            },
            Step {
                what: "A client that sends and reads late, to stage 6 and to stage 7",
                experiment: pressure::a_late_reader,
            },
            Step {
                what: "A client that never stops sending, to stage 7",
                experiment: pressure::a_flood,
            },
        ],
        conclusion: "One registration for a life, and fewer waits where a client is slow; a client that \
                     keeps up sees no difference. The price is a duty: read until it would block, and \
                     keep a list of one's own of those whom fairness cuts short. Waiting is as cheap now \
                     as readiness makes it. What is left is the bytes, which are copied in and out \
                     again: stage 8 serves files, and leaves out one of the copies.",
        sources: &[
            Source {
                file: "07-epoll-et/src/drive.rs",
                text: "pub fn drive(",
            },
            Source {
                file: "07-epoll-et/src/lib.rs",
                text: "ready_list.retain(",
            },
            Source {
                file: "06-epoll-lt/src/selector.rs",
                text: "pub fn follow(",
            },
        ],
    },
    claims: &[
        Claim {
            number: 7,
            statement: "Edge-triggering lets a program remember the state of its I/O, and wait less.",
            verdict: Verdict::True,
            truth: "The kernel tells of an arrival once, where level-triggering tells again for as long \
                    as bytes are left. The price: a program has to drain a socket until a read would \
                    block, or what is left is not told of again (epoll(7)). A level-triggered program \
                    that drains waits as seldom.",
            proof: Proof::Experiment(edges::one_arrival),
        },
        Claim {
            number: 21,
            statement: "A connection is active when data is moving on it.",
            verdict: Verdict::Partly,
            truth: "Ready is what would not block: room to write counts, so do a client to be \
                    accepted, EOF, an error, and bytes that arrived long ago. Level-triggered, all of \
                    these are told at each wait; edge-triggered, once (epoll_ctl(2)).",
            proof: Proof::Experiment(activity::without_data),
        },
    ],
    specimens: &[],
};
