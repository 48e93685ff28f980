//! What is expected of each stage: one row each.

use Beyond::*;
use Crowd::*;
use Others::*;
use Term::*;
use Worker::*;

use crate::meaning::PROXY_PAGE;
use crate::page_size;

/// What a server is expected to do, where stages differ. A limit is expected as firmly as an ability.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The stage's number; 0 for a server from elsewhere.
    pub stage: u8,
    /// The chapter that explains such a server: a stage's own; 0 if nothing is known of it.
    pub chapter: u8,
    /// Whether it is held to what the course's own stages do, where the contract leaves a choice. A server from elsewhere
    /// is held to the contract alone.
    pub is_own: bool,
    /// E6, E7, E9, E12, E15: the others, while one client holds the server.
    pub others: Others,
    /// E10: 1,100 clients at the same time.
    pub crowd: Crowd,
    /// E10: whether it raises the soft limit of descriptors to the hard one.
    pub raises_limit: bool,
    /// E10: bytes of memory that an idle client may cost the server's process, if that is judged.
    pub idle_bytes: Option<u64>,
    /// E6, E17: KiB of memory that a client which does not read may cost, in all its processes, where a page is 4 KiB:
    /// see [`Profile::stalled_bytes`].
    pub stalled_kib: u64,
    /// E6, E17: KiB that its memory may grow by, whatever its clients do. A runtime that collects garbage
    /// holds back some tens of MiB for a while; a stage has no such thing.
    pub runtime_kib: u64,
    /// E11: clients beyond the limit of descriptors.
    pub beyond: Beyond,
    /// E13: SIGTERM and SIGINT.
    pub term: Term,
    /// E16: what serves a client.
    pub worker: Worker,
}

impl Profile {
    /// Returns how many bytes of memory a client may cost that does not read. A process or a thread of its own
    /// touches so many pages, however large they are; what is kept for a client in one process is bytes.
    pub fn stalled_bytes(&self) -> u64 {
        let bytes = self.stalled_kib * 1024;
        match self.worker {
            Itself => bytes,
            Process | Thread | Unknown => bytes * (page_size() as u64).div_ceil(4_096),
        }
    }
}

/// What other clients do while one holds the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They wait until it has left.
    Wait,
    /// They are served at once.
    Served,
}

/// What becomes of 1,100 clients at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Each is served when those before it have left.
    InTurn,
    /// All are served.
    All,
    /// Those whose descriptor is below 1,024 are served, each other one is turned away at once.
    Below1024,
}

/// What becomes of clients that come when no descriptor is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// The server never holds so many: all are served.
    Never,
    /// They wait in the queue, and are let in as others leave.
    Queue,
    /// Either of these.
    Either,
}

/// What a server does on SIGTERM and SIGINT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It dies of the signal, as by default.
    Dies,
    /// It dies of the signal; its children go on until their clients leave.
    ParentDies,
    /// It accepts those who wait, echoes what has arrived, within 2 seconds, and exits with 0. A second
    /// signal ends it.
    Drains,
    /// Not judged.
    Any,
}

/// What serves a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// The one thread that serves all.
    Itself,
    /// A process of its own.
    Process,
    /// A thread of its own.
    Thread,
    /// Not judged.
    Unknown,
}

/// The expectations, a stage a row.
#[rustfmt::skip]
pub const STAGES: [Profile; 8] = [
    //      others    1,100 at   raises  bytes     KiB of a  beyond   SIGTERM,    serves
    //      meanwhile once       the fd  for each  stalled   the fd   SIGINT      a client
    //                           limit   idle one  one       limit
    //      E6 … E15  E10        E10     E10       E6, E17   E11      E13         E16
    row(1,  Wait,     InTurn,    false,  None,     16,       Never,   Dies,       Itself),
    row(2,  Served,   All,       false,  None,     512,      Never,   ParentDies, Process),
    row(3,  Served,   All,       false,  None,     64,       Queue,   Dies,       Thread),
    row(4,  Served,   Below1024, true,   None,     20,       Queue,   Dies,       Itself),
    row(5,  Served,   All,       true,   None,     20,       Queue,   Drains,     Itself),
    row(6,  Served,   All,       true,   Some(64), 20,       Queue,   Drains,     Itself),
    row(7,  Served,   All,       true,   Some(64), 20,       Queue,   Drains,     Itself),
    row(8,  Served,   All,       true,   None,     20,       Queue,   Drains,     Itself),
];

/// The echo servers of the chapters after the course, in `docs/beyond`: the name, the command, the expectations. A
/// server's failures point to the chapter of the stage that it is closest to.
#[rustfmt::skip]
pub const BEYOND: [(&str, &[&str], Profile); 5] = [
    ("pool",    &["pool",    "{addr}"], Profile { stage: 0, ..STAGES[2] }),
    ("reactor", &["reactor", "{addr}"], Profile { stage: 0, ..STAGES[6] }),
    ("cores",   &["cores",   "{addr}"], Profile { stage: 0, ..STAGES[5] }),
    ("uring",   &["uring",   "{addr}"], Profile { stage: 0, ..STAGES[5] }),
    ("timers",  &["timers",  "{addr}"], Profile { stage: 0, ..STAGES[5] }),
];

/// What every concurrent echo server should do, whoever wrote it.
pub const ANY: Profile = Profile {
    runtime_kib: 64 * 1024,
    is_own: false,
    ..row(0, Served, All, false, None, 512, Either, Any, Unknown)
};

/// What every proxy should do, whoever wrote it.
pub const PROXY: Profile = Profile {
    chapter: PROXY_PAGE,
    ..ANY
};

/// What the course's own proxy does: a client in each direction costs what one of stage 6 costs.
pub const OWN_PROXY: Profile = Profile {
    chapter: PROXY_PAGE,
    stage: 0,
    ..STAGES[5]
};

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn row(
    stage: u8,
    others: Others,
    crowd: Crowd,
    raises_limit: bool,
    idle_bytes: Option<u64>,
    stalled_kib: u64,
    beyond: Beyond,
    term: Term,
    worker: Worker,
) -> Profile {
    Profile {
        stage,
        chapter: stage,
        is_own: true,
        others,
        crowd,
        raises_limit,
        idle_bytes,
        stalled_kib,
        runtime_kib: 0,
        beyond,
        term,
        worker,
    }
}
