//! Chapter 2: a process for each client.

mod copies;
pub(super) mod cost;
pub(super) mod crash;
pub(super) mod footprint;
mod lock;
mod parties;
mod talk;
pub(super) mod worker;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

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
            Step {
                what: "A is silent, B talks, eight more come; then B's process breaks",
                experiment: crash::harms_one,
            },
            Step {
                what: "One more client, from its arrival to its end: what stage 2 does for it",
                experiment: cost::of_stage_2,
            },
            Step {
                what: "16 MiB are there at the fork; then the child uses them",
                experiment: copies::on_write,
            },
            Step {
                what: "Two processes tell each other something, and two threads",
                experiment: talk::a_message,
            },
        ],
        conclusion: "A client costs a fork, page tables, and a fault for each page that parent or \
                     child writes to; in return, a crash is its own only. Most servers could do \
                     without the copies: stage 3 gives each client a thread, and all of them one \
                     memory.",
        sources: &[
            Source {
                file: "02-fork-per-conn/src/lib.rs",
                text: "pub fn run(",
            },
            Source {
                file: "02-fork-per-conn/src/children.rs",
                text: "pub fn reap(",
            },
        ],
    },
    claims: &[
        Claim {
            number: 11,
            statement: "Making a process is cheap, but not free.",
            verdict: Verdict::True,
            truth: "fork(2) copies the page tables, and marks the pages themselves as shared; each is \
                    copied when one of the two first writes to it (do_wp_page, mm/memory.c). Reading \
                    costs next to nothing; a thread has nothing to copy.",
            proof: Proof::Experiment(copies::on_write),
        },
        Claim {
            number: 12,
            statement: "Processes pay far more than threads to synchronise.",
            verdict: Verdict::Partly,
            truth: "Over a pipe each message is a write and a read. Through memory that both share it takes no \
                    system call, whether the workers are processes or threads; and a lock made from a futex \
                    enters the kernel only when somebody has to sleep, also across processes \
                    (futex(7)).",
            proof: Proof::Experiment(talk::a_message),
        },
        Claim {
            number: 22,
            statement: "Threads talk more easily, processes are sturdier.",
            verdict: Verdict::True,
            truth: "A fault is a signal that ends the whole process, with all of its threads (signal(7), \
                    pthreads(7)). A forked sibling is another process, and serves on; but what it \
                    knows, the others have to be told.",
            proof: Proof::Experiment(crash::of_a_process_and_of_a_thread),
        },
    ],
    specimens: &[("talk", parties::talk), ("touch", copies::touch)],
};
