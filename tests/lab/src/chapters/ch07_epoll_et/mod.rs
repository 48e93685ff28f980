//! Chapter 7: told once, and remembered by the program.

mod edges;
mod pressure;

use crate::course::{Chapter, Lesson, Prediction, at, step};

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
            step(
                "1,000 bytes arrive at once, and are read 100 at a time",
                edges::one_arrival,
            ),
            step(
                "A client that sends and reads late, to stage 6 and to stage 7",
                pressure::a_late_reader,
            ),
            step(
                "A client that never stops sending, to stage 7",
                pressure::a_flood,
            ),
        ],
        conclusion: "One registration for a life, and fewer waits where a client is slow; a client that \
                     keeps up sees no difference. The price is a duty: read until it would block, and \
                     keep a list of one's own of those whom fairness cuts short. Waiting is as cheap now \
                     as readiness makes it. What is left is the bytes, which are copied in and out \
                     again: stage 8 serves files, and leaves out one of the copies.",
        sources: &[
            at("07-epoll-et/src/drive.rs", "pub fn drive("),
            at("07-epoll-et/src/lib.rs", "ready_list.retain("),
            at("06-epoll-lt/src/selector.rs", "pub fn follow("),
        ],
    },
    claims: &[(7, edges::one_arrival), (21, edges::without_data)],
    specimens: &[],
};
