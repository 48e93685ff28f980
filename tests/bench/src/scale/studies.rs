//! The studies, in their order.

use super::{Study, echo, gammo, libevent, tlpi, unp};

/// All of them.
pub const STUDIES: [Study; 5] = [
    Study {
        name: "echo",
        line: "A wake-up and an echo next to idle clients, each model",
        title: "What a wake-up and an echo cost next to idle clients",
        about: "Idle clients connect and are answered once each; then 1 client talks, or 64 do, one 64-byte message at a time. The time is the server's CPU time. Each point is a server of its own, and all points of a model take turns. Ratios compare with no idle clients.",
        steps: 18,
        run: echo::run,
    },
    Study {
        name: "tlpi",
        line: "One of N descriptors is ready",
        title: "One of N descriptors is ready (TLPI, table 63-9; Kerrisk, LCA 2006)",
        about: "One of N descriptors, at random, becomes ready; the program waits, finds it, and reads. Select uses a bitmap of the program's own. Here the descriptors are eventfds, and the time is this thread's CPU time for a few waits, scaled to 100,000.",
        steps: 4,
        run: tlpi::run,
    },
    Study {
        name: "libevent",
        line: "Bytes passed on along socket pairs",
        title: "Bytes passed on along socket pairs (libevent, test/bench.c)",
        about: "Half as many pairs as descriptors. Every event is deleted and added, and the loop runs \
                once without waiting; then 100 bytes are sent, and every byte that is read sends one to the next pair, until 1,000 have been passed on. The curve shows that last part, in this thread's CPU time; the loop is the lab's, not libevent's.",
        steps: 6,
        run: libevent::run,
    },
    Study {
        name: "gammo",
        line: "With and without idle connections",
        title: "With and without idle connections (Gammo, Brecht and others, OLS 2004)",
        about: "Published for a web server: without idle connections select, poll and epoll are alike, and epoll_ctl costs something; with 10,000, select and poll do up to 79 % worse; edge-triggering is only slightly better. Here 64 clients talk to the echo stages. Their clients stay, so epoll_ctl is not called for them; select has room for 940 idle ones.",
        steps: 5,
        run: gammo::run,
    },
    Study {
        name: "unp",
        line: "Short connections",
        title: "Short connections (UNIX Network Programming, chapter 30)",
        about: "5 clients make 500 connections each; 4,000 bytes come back on each. (In the book a client asks with \"4000\\n\"; here it sends 4,000 bytes and has them echoed.) The time is the server's CPU time for 2,500 connections, children included, minus the iterative server's. Published: a thread per client is cheapest, a pool of processes next, at least ten times cheaper than a fork per client. The course has no stage with a pool, so none is measured.",
        steps: 15,
        run: unp::run,
    },
];
