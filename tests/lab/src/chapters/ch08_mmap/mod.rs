//! Chapter 8: a file's pages, mapped.

mod completion;
mod copies;
mod faults;
mod pages;
mod reader;
mod served;
mod site;
mod truncation;
mod ways;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

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
            Step {
                what: "64 KiB of 'A' are queued, 'B' is written over the file, the peer reads",
                experiment: copies::who_sees_the_change,
            },
            Step {
                what: "A file is read, and touched through a mapping, page by page",
                experiment: faults::page_by_page,
            },
            Step {
                what: "Stage 8 serves a file of 16 KiB, under trace",
                experiment: served::a_file_is_served,
            },
            Step {
                what: "A mapped file is cut: while stage 8 sends it, and in a program",
                experiment: truncation::a_file_is_cut,
            },
        ],
        conclusion: "A mapping saves one copy and the buffer, and turns reads into page faults, \
                     which cost a look into the cache, or a wait for the device: a thread that \
                     meets one there serves nobody meanwhile. The price is that the file may \
                     change, or be cut, under the program's feet. So replace files that are \
                     served: write a new one, and rename it over the old.",
        sources: &[
            Source {
                file: "08-mmap-io/src/pages/mapping.rs",
                text: "pub struct Mapping {",
            },
            Source {
                file: "08-mmap-io/src/pages/transfer.rs",
                text: "pub fn send(&mut self",
            },
            Source {
                file: "08-mmap-io/src/pages/file.rs",
                text: "pub fn is_cut(",
            },
        ],
    },
    claims: &[
        Claim {
            number: 42,
            statement: "mmap does away with file I/O.",
            verdict: Verdict::Partly,
            truth: "It does away with the calls. The first touch of a page is a fault instead: a \
                    minor one if the page cache has it, which maps its neighbours, too; a major \
                    one, that waits for the device, if not (filemap_fault and do_fault_around in \
                    the kernel's mm/). Processes that map a file have the same pages in memory.",
            proof: Proof::Experiment(faults::page_by_page),
        },
        Claim {
            number: 43,
            statement: "mmap is zero-copy.",
            verdict: Verdict::Partly,
            truth: "The mapping shares its pages with the page cache; but send copies them into \
                    the socket's buffers (tcp_sendmsg_locked in net/ipv4/tcp.c), one copy fewer \
                    than read and send. sendfile, splice and vmsplice queue the pages; so does \
                    MSG_ZEROCOPY, except that the loopback copies at the receiver's end, as its \
                    completion says (msg_zerocopy in the kernel's documentation).",
            proof: Proof::Experiment(copies::who_sees_the_change),
        },
    ],
    specimens: &[
        (reader::READER, reader::main),
        (truncation::BEYOND, truncation::beyond_the_end),
    ],
};
