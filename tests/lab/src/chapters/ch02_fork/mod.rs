//! Chapter 2: a process for each client.

mod copies;
pub(super) mod cost;
pub(super) mod crash;
mod parties;
mod talk;
pub(super) mod worker;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 2,
    lesson: Lesson {
        title: "fork: a process for each client",
        opening: "Whoever waits for a client must not be the one who lets in the others. So stage 2 \
                  forks: the parent accepts, and each client gets a copy of the server, which may \
                  sleep as long as its client is silent.",
        prediction: Prediction {
            question: "Ten clients are being served, each by a process. One of these processes runs \
                       into a fault and dies. Who is served after that?",
            choices: &[
                "Nobody: the server has crashed",
                "The nine others, and nobody new: the parent has lost a child",
                "The nine others, and whoever comes",
                "All ten: the parent takes over the connection",
            ],
            answer: 2,
            because: "The dead process had a memory and a descriptor table of its own. Its end \
                      closes its one connection, and touches nothing else; the parent is told of it \
                      by SIGCHLD, and goes on.",
        },
        steps: &[
            step(
                "A is silent, B talks, eight more come; then B's process breaks",
                crash::harms_one,
            ),
            step(
                "One more client, from its arrival to its end: what stage 2 does for it",
                cost::of_stage_2,
            ),
            step(
                "16 MiB are there at the fork; then the child uses them",
                copies::on_write,
            ),
            step(
                "Two processes tell each other something, and two threads",
                talk::a_message,
            ),
        ],
        conclusion: "A client costs a fork, page tables, and a fault for each page that parent or \
                     child writes to; in return, a crash is its own only. Most servers could do \
                     without the copies: stage 3 gives each client a thread, and all of them one \
                     memory.",
        sources: &[
            at("02-fork-per-conn/src/lib.rs", "pub fn run("),
            at("02-fork-per-conn/src/children.rs", "pub fn reap("),
        ],
    },
    claims: &[
        (11, copies::on_write),
        (12, talk::a_message),
        (22, crash::of_a_process_and_of_a_thread),
    ],
    specimens: &[("talk", parties::talk), ("touch", copies::touch)],
};
