//! Chapter 5: an array in place of the bitmaps.

mod crowd;
mod limits;

use crate::course::{Chapter, Lesson, Prediction, at, step};
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
            step(
                "1,100 clients come to stage 5; then one of them speaks",
                crowd::without_a_cap,
            ),
            step(
                "One speaks, to stage 4 and to stage 5: what their waits are handed",
                crowd::beside_select,
            ),
            step(
                "One client, and what stages 4 and 5 watch besides it, with numbers from 1,000 on",
                crowd::high_numbers,
            ),
            step(
                "What is refused: too many entries, and a descriptor that was closed",
                limits::refusals,
            ),
        ],
        conclusion: "The cap is gone. The scan is not: 8·N bytes and N questions at each wake-up, for \
                     one that is ready, because the kernel forgets the list as soon as it has answered. \
                     What if it kept the list? Stage 6 lets it.",
        sources: &[
            at("05-poll/src/lib.rs", "match poll("),
            at("05-poll/src/lib.rs", "fn entry("),
        ],
    },
    claims: &[(33, no_limit_but_its_own), (34, limits::before_main)],
    specimens: &[
        ("poll-and-select", limits::poll_and_select),
        ("says-a-line", limits::says_a_line),
    ],
};

/// Shows what poll does not limit, and what it does.
fn no_limit_but_its_own(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    crowd::without_a_cap(lab, evidence)?;
    limits::refusals(lab, evidence)
}
