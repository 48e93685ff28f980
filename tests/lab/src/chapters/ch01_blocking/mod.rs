//! Chapter 1: one client at a time.

mod queue;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 1,
    lesson: Lesson {
        title: "blocking: one client at a time",
        opening: "A server that reads from its client sleeps in that read until the client says \
                  something. What becomes of a second client meanwhile?",
        prediction: Prediction {
            question: "Client A connects and says nothing. Client B connects and sends a line. \
                       What happens to B?",
            choices: &[
                "B is refused: the server is busy",
                "B is connected, and is answered when A has left",
                "B is not connected before A has left",
                "B is answered at once",
            ],
            answer: 1,
            because: "The kernel completes B's handshake by itself, and keeps its bytes; it only \
                      needs the server for accept(2). That the server never comes to as long as \
                      A is silent, which may be for ever.",
        },
        steps: &[step(
            "A is silent, B sends a line, to stage 1 and to stage 6",
            queue::a_silent_client,
        )],
        conclusion: "How long B waits is up to A alone. So a client must not be waited for by \
                     the one who also lets in the others: stage 2 gives each client a process of \
                     its own.",
        sources: &[
            at("01-blocking/src/lib.rs", "pub fn run("),
            at("01-blocking/src/lib.rs", "pub fn echo("),
        ],
    },
    claims: &[(5, queue::a_silent_client)],
    specimens: &[],
};
