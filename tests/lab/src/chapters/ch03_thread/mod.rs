//! Chapter 3: a thread for each client.

mod beside;
mod share;

use super::ch02_fork::crash::ends_all;
use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 3,
    lesson: Lesson {
        title: "threads: one process, a thread for each client",
        opening: "Stage 2 copies the server for each client, and what its workers know, the others \
                  are not told. Stage 3 leaves the copy out: all workers are threads of one process, \
                  with one memory and one table of descriptors.",
        prediction: Prediction {
            question: "Ten clients are being served, each by a thread. One of the threads runs into \
                       a fault, as a process of stage 2 did. Who is served after that?",
            choices: &[
                "Nobody: the process dies, with all of its threads",
                "The nine others, and nobody new",
                "The nine others, and whoever comes",
            ],
            answer: 0,
            because: "The thread that breaks may have changed anything in the memory of all, so \
                      none of them can be trusted any more: the signal's action is for the whole \
                      process, and the ten connections are closed with its descriptors.",
        },
        steps: &[
            step(
                "A is silent, B talks, eight more come; then B's thread breaks",
                ends_all,
            ),
            step(
                "One more client, from its arrival to its end, at stages 2 and 3",
                beside::stage_2_and_3,
            ),
            step(
                "A child and a thread, and what they share with the one that started them",
                share::what,
            ),
            step(
                "200 clients that have nothing to say",
                beside::a_crowd_of_threads,
            ),
        ],
        conclusion: "A thread is cheaper than a process, but it is a task of the kernel all the \
                     same: a stack for each client, and a sleeper that has to be woken for each of \
                     its words. All of them only wait for a descriptor. Could one thread wait for \
                     all descriptors at once? That is select(2), and stage 4.",
        sources: &[
            at("03-thread-per-conn/src/lib.rs", "pub fn run("),
            at("02-fork-per-conn/src/lib.rs", "pub fn run("),
        ],
    },
    claims: &[(23, share::what)],
    specimens: &[("share", share::share)],
};
