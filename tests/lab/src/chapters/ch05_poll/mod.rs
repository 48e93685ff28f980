//! Chapter 5: an array in place of the bitmaps.

mod crowd;
mod limits;
mod runtime;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;
use crate::{Evidence, Lab};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 5,
    lesson: Lesson {
        title: "poll: no cap, the same scan",
        opening: "A set of bits has an end. poll(2) is given an array instead: an entry for each \
                  descriptor that matters, of any number, with room for the answer in it.",
        prediction: Prediction {
            question: "1,100 clients are connected to a server on poll. One of them sends a word. How \
                       many entries does the kernel look through for it?",
            choices: &[
                "1: that of the client who sent",
                "1,024: the rest waits for a second call",
                "1,102: all clients, the listener and the signal",
                "none: it remembers them from the call before",
            ],
            answer: 2,
            because: "The kernel keeps nothing from one call to the next. So the program hands in \
                      everything it waits for, 8 bytes each, and the kernel asks every single \
                      descriptor before it can say that one is ready.",
        },
        steps: &[
            Step {
                what: "1,100 clients come to stage 5; then one of them speaks",
                experiment: crowd::without_a_cap,
            },
            Step {
                what: "One speaks, to stage 4 and to stage 5: what their waits are handed",
                experiment: crowd::beside_select,
            },
            Step {
                what: "One client, and what stages 4 and 5 watch besides it, with numbers from 1,000 on",
                experiment: crowd::high_numbers,
            },
            Step {
                what: "What is refused: too many entries, and a descriptor that was closed",
                experiment: limits::refusals,
            },
        ],
        conclusion: "The cap is gone. The scan is not: 8·N bytes and N questions at each wake-up, for \
                     one that is ready, because the kernel forgets the list as soon as it has answered. \
                     What if it kept the list? Stage 6 lets it.",
        sources: &[
            Source {
                file: "05-poll/src/lib.rs",
                text: "match poll(",
            },
            Source {
                file: "05-poll/src/lib.rs",
                text: "fn entry(",
            },
        ],
    },
    claims: &[
        Claim {
            number: 33,
            statement: "poll is select without the limit.",
            verdict: Verdict::Partly,
            truth: "The limit on a descriptor's value is gone, but more entries than RLIMIT_NOFILE are \
                    EINVAL. And the answer stands beside the question: a closed descriptor makes all of \
                    select fail, while poll says so in its entry alone (poll(2), select(2)).",
            proof: Proof::Experiment(no_limit_but_its_own),
        },
        Claim {
            number: 34,
            statement: "poll was a transition, and nobody uses it.",
            verdict: Verdict::False,
            truth: "For a few descriptors it is the simplest call there is, and needs no set-up. Every \
                    Rust program on Linux begins with one: the runtime looks whether 0, 1 and 2 are \
                    open before main (library/std/src/sys/pal/unix/mod.rs).",
            proof: Proof::Experiment(runtime::before_main),
        },
    ],
    specimens: &[
        ("poll-and-select", limits::poll_and_select),
        ("becomes-another", runtime::becomes_another),
        ("says-a-line", runtime::says_a_line),
    ],
};

/// Shows what poll does not limit, and what it does.
fn no_limit_but_its_own(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    crowd::without_a_cap(lab, evidence)?;
    limits::refusals(lab, evidence)
}
