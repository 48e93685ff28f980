//! Chapter 0: what a connection is before there is a server.

mod header;
mod memory;
mod names;
mod ports;

use crate::course::{Chapter, Lesson, Prediction, at, step};

/// The chapter.
pub const CHAPTER: Chapter = Chapter {
    number: 0,
    lesson: Lesson {
        title: "sockets: ports, descriptors and memory",
        opening: "A server listens on one port, and then there are a thousand clients. What does it \
                  have of each of them: a port, a descriptor, memory? What runs out first decides \
                  how many it can hold.",
        prediction: Prediction {
            question: "A server on port 7006 has accepted 1,000 clients. How many ports are in \
                       use at its end of these connections?",
            choices: &[
                "1: the one that it listens on",
                "1,000: accept(2) takes one for each client",
                "1,001: these, and the listener's",
            ],
            answer: 0,
            because: "An accepted socket keeps the listener's port. What differs is the other \
                      end: the kernel finds a connection by all four values, two addresses and two \
                      ports, and the program by a descriptor. 65,535 ports are no limit for a \
                      server; they are one for a single client address that connects to a single \
                      port.",
        },
        steps: &[
            step("1,000 clients connect to stage 6", names::one_port_for_all),
            step(
                "One source port, from three addresses, and once more from the first",
                names::four_values,
            ),
            step(
                "Which numbers are ports, and where they stand in a packet",
                ports::numbers,
            ),
            step(
                "Thousands of idle connections, and the kernel's memory for them",
                memory::for_each_connection,
            ),
        ],
        conclusion: "Neither ports nor memory end a server at 1,000 clients, or at 10,000. What \
                     it has of each is a descriptor, and the question is who waits for it: stage 1 \
                     begins with one process that waits for one at a time.",
        sources: &[
            at("01-blocking/src/listen.rs", "pub fn listen("),
            at("01-blocking/src/accept.rs", "pub fn accept("),
        ],
    },
    claims: &[
        (14, memory::for_each_connection),
        (24, ports::sixteen_bits),
        (25, ports::first_and_last),
        (26, ports::not_signed),
        (27, ports::in_the_transport_header),
        (28, names::four_values),
        (29, names::one_port_for_all),
    ],
    specimens: &[("crowd", memory::crowd)],
};
