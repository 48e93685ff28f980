//! Chapter 3: a thread for each client.

mod beside;
pub(super) mod crowd;
mod share;

use super::ch02_fork::crash::ends_all;
use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

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
            Step {
                what: "A is silent, B talks, eight more come; then B's thread breaks",
                experiment: ends_all,
            },
            Step {
                what: "One more client, from its arrival to its end, at stages 2 and 3",
                experiment: beside::stage_2_and_3,
            },
            Step {
                what: "A child and a thread, and what they share with the one that started them",
                experiment: share::what,
            },
            Step {
                what: "200 clients that have nothing to say",
                experiment: crowd::of_threads,
            },
        ],
        conclusion: "A thread is cheaper than a process, but it is a task of the kernel all the \
                     same: a stack for each client, and a sleeper that has to be woken for each of \
                     its words. All of them only wait for a descriptor. Could one thread wait for \
                     all descriptors at once? That is select(2), and stage 4.",
        sources: &[
            Source {
                file: "03-thread-per-conn/src/lib.rs",
                text: "pub fn run(",
            },
            Source {
                file: "02-fork-per-conn/src/lib.rs",
                text: "pub fn run(",
            },
        ],
    },
    claims: &[Claim {
        number: 23,
        statement: "Threads are light but unprotected, processes the reverse.",
        verdict: Verdict::Partly,
        truth: "To the kernel both are tasks, made by the same call. Its flags say what a new one shares \
                with its maker: for a thread the memory, the descriptors and the signals' actions, for a \
                forked child none of these (clone(2)). So what one of them changes or closes, all \
                threads have changed and closed.",
        proof: Proof::Experiment(share::what),
    }],
    specimens: &[("share", share::share)],
};
