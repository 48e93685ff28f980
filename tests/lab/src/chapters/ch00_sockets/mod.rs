//! Chapter 0: what a connection is before there is a server.

mod buffers;
mod header;
mod memory;
mod names;
mod ports;

use crate::course::{Chapter, Claim, Lesson, Prediction, Proof, Step, Verdict};
use crate::world::Source;

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
            Step {
                what: "1,000 clients connect to stage 6",
                experiment: names::one_port_for_all,
            },
            Step {
                what: "One source port, from three addresses, and once more from the first",
                experiment: names::four_values,
            },
            Step {
                what: "Which numbers are ports, and where they stand in a packet",
                experiment: ports::numbers,
            },
            Step {
                what: "Thousands of idle connections, and the kernel's memory for them",
                experiment: memory::for_each_connection,
            },
        ],
        conclusion: "Neither ports nor memory end a server at 1,000 clients, or at 10,000. What \
                     it has of each is a descriptor, and the question is who waits for it: stage 1 \
                     begins with one process that waits for one at a time.",
        sources: &[
            Source {
                file: "01-blocking/src/listen.rs",
                text: "pub fn listen(",
            },
            Source {
                file: "01-blocking/src/accept.rs",
                text: "pub fn accept(",
            },
        ],
    },
    claims: &CLAIMS,
    specimens: &[("crowd", memory::crowd)],
};

const CLAIMS: [Claim; 7] = [
    Claim {
        number: 14,
        statement: "A machine can have about 100,000 open files for each GB of memory.",
        verdict: Verdict::Partly,
        truth: "The order is right. At boot file-max becomes a tenth of the memory that is left, at \
                1 KiB a file (files_maxfiles_init, fs/file_table.c): 104,857 for each GiB; it can be \
                tuned, and is for the whole system. A socket takes about 4 KiB of kernel memory, and \
                its buffers only while something is in them.",
        proof: Proof::Experiment(memory::for_each_connection),
    },
    Claim {
        number: 24,
        statement: "TCP and UDP headers carry 16-bit port numbers.",
        verdict: Verdict::True,
        truth: "Source and destination port are the first two fields of both headers, two bytes each \
                (RFC 9293, section 3.1; RFC 768).",
        proof: Proof::Experiment(ports::sixteen_bits),
    },
    Claim {
        number: 25,
        statement: "So there are 65,535 ports.",
        verdict: Verdict::Partly,
        truth: "There are 65,536 values, of which 0 is reserved: bind(2) takes it for “any”. And there \
                are as many for each protocol and each address (ip(7)).",
        proof: Proof::Experiment(ports::first_and_last),
    },
    Claim {
        number: 26,
        statement: "One is missing from 65,536 because of a sign bit.",
        verdict: Verdict::False,
        truth: "A port is unsigned. A sign bit would not cost one number, but half of them: 32,767 \
                would be the last (RFC 9293, section 3.1).",
        proof: Proof::Experiment(ports::not_signed),
    },
    Claim {
        number: 27,
        statement: "The length of a field in the IP header limits the ports.",
        verdict: Verdict::False,
        truth: "The IP header has no ports (RFC 791). They stand in the header behind it, TCP's or \
                UDP's, which is why both have numbers of their own.",
        proof: Proof::Experiment(ports::in_the_transport_header),
    },
    Claim {
        number: 28,
        statement: "For the server a descriptor, not a port, names a connection.",
        verdict: Verdict::Partly,
        truth: "For its program it does, and in its own process only. To the kernel, a connection is \
                named by both its ends, four values: two addresses and two ports \
                (__inet_lookup_established, net/ipv4/inet_hashtables.c). No two connections have all \
                four in common.",
        proof: Proof::Experiment(names::four_values),
    },
    Claim {
        number: 29,
        statement: "The number of ports caps the connections that a server can hold.",
        verdict: Verdict::False,
        truth: "Accepted sockets share the listener's port. The cap is on the other side: a source \
                address has so many ports for one destination address and port (ip(7), \
                ip_local_port_range).",
        proof: Proof::Experiment(names::one_port_for_all),
    },
];
