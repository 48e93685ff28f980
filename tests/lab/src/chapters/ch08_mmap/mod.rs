//! Chapter 8: a file's pages, mapped.

mod copies;
mod faults;
mod pages;
mod site;
mod ways;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 8,
    lesson: Lesson {
        title: "mmap: a file's pages, without a buffer of one's own",
        opening: "To send a file, read(2) copies it into the program, and send(2) copies it out \
                  again. A mapping saves the first of these copies: the program hands the kernel \
                  the file's own pages. Is anything copied then?",
        prediction: Prediction {
            question: "A file of 'A' is mapped, and sent from the mapping by send(2). The peer \
                       does not read yet. Now somebody writes 'B' over the file, in its place, \
                       and then the peer reads. What does it see?",
            choices: &[
                "'B': the mapping's pages themselves are queued in the socket",
                "'A': send has copied the bytes into the socket's buffers",
                "'A' as far as it had been sent, then 'B'",
                "an error: the file has changed",
            ],
            answer: 1,
            because: "send copies whatever memory it is given, also if that is the page cache: \
                      one copy fewer than with read, and not none. sendfile, splice and vmsplice \
                      queue the pages themselves, so that who writes to the file changes what \
                      is on its way.",
        },
        steps: &[
            step(
                "64 KiB of 'A' are queued, 'B' is written over the file, the peer reads",
                copies::who_sees_the_change,
            ),
            step(
                "A file is read, and touched through a mapping, page by page",
                faults::page_by_page,
            ),
            step(
                "Stage 8 serves a file of 16 KiB, under trace",
                site::a_file_is_served,
            ),
            step(
                "A mapped file is cut: while stage 8 sends it, and in a program",
                site::a_file_is_cut,
            ),
        ],
        conclusion: "A mapping saves one copy and the buffer, and turns reads into page faults, \
                     which cost a look into the cache, or a wait for the device: a thread that \
                     meets one there serves nobody meanwhile. The price is that the file may \
                     change, or be cut, under the program's feet. So replace files that are \
                     served: write a new one, and rename it over the old.",
        sources: &[
            at("08-mmap-io/src/pages/mapping.rs", "pub struct Mapping {"),
            at("08-mmap-io/src/pages/transfer.rs", "pub fn send(&mut self"),
            at("08-mmap-io/src/pages/file.rs", "pub fn is_cut("),
        ],
    },
    claims: &[
        (42, faults::page_by_page),
        (43, copies::who_sees_the_change),
    ],
    specimens: &[
        ("reader", faults::reader),
        ("beyond-the-end", site::beyond_the_end),
    ],
};
