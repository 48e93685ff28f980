//! The expectations of each stage, one row each.

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
    /// Whether it has to behave like the course's own stages where the contract leaves a choice. A foreign server only
    /// has to keep the contract.
    pub is_own: bool,
    /// E6, E7, E9, E12, E15: what happens to the others while one client holds the server.
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
    /// E6, E17: KiB that its memory may grow by, whatever its clients do. A garbage-collecting runtime holds on to some
    /// tens of MiB for a while; a stage does not.
    pub runtime_kib: u64,
    /// E11: clients beyond the limit of descriptors.
    pub beyond: Beyond,
    /// E13: SIGTERM and SIGINT.
    pub term: Term,
    /// E16: what serves a client.
    pub worker: Worker,
}

impl Profile {
    /// Returns how many bytes of memory a client may cost that does not read. A process or a thread of its own touches
    /// as many pages, however large they are; what is kept for a client in one process is bytes.
    pub fn stalled_bytes(&self) -> u64 {
        let bytes = self.stalled_kib * 1024;
        match self.worker {
            Itself => bytes,
            Process | Thread | Pool | Unknown => bytes * (page_size() as u64).div_ceil(4_096),
        }
    }

    /// Returns how many of `wanted` clients are served at the same time, if none of them leaves.
    pub fn at_once(&self, wanted: usize) -> usize {
        match self.others {
            Wait => wanted.min(1),
            Workers(number) => wanted.min(number),
            Served => wanted,
        }
    }
}

/// What other clients do while one holds the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They wait until that client has left.
    Wait,
    /// This many clients are served at the same time, at least two; the next waits until one of them has left.
    Workers(usize),
    /// They are served at once.
    Served,
}

/// What happens to 1,100 clients at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Each is served when those before it have left.
    InTurn,
    /// All are served.
    All,
    /// Clients whose descriptor is below 1,024 are served; all others are turned away at once.
    Below1024,
}

/// What happens to clients that come when no descriptor is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// The server never holds that many, so all are served.
    Never,
    /// They wait in the queue, and are let in as others leave.
    Queue,
    /// Either is accepted.
    Either,
}

/// What a server does on SIGTERM and SIGINT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It dies of the signal, as by default.
    Dies,
    /// It dies of the signal; its children go on until their clients leave.
    ParentDies,
    /// It accepts waiting clients, echoes what has arrived, within 2 seconds, and exits with 0. A second signal ends
    /// it.
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
    /// One of several threads created at the start, without which there is no server.
    Pool,
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
    ("pool",    &["pool",    "{addr}"], POOL),
    ("reactor", &["reactor", "{addr}"], Profile { stage: 0, idle_bytes: Some(512), ..STAGES[6] }),
    ("cores",   &["cores",   "{addr}", "--loops", "2"], Profile { worker: Pool, stage: 0, ..STAGES[5] }),
    ("uring",   &["uring",   "{addr}"], Profile { stage: 0, idle_bytes: Some(96), stalled_kib: 33 * 16, runtime_kib: 4 * 1024, ..STAGES[5] }),
    // When a client was last active is an `Instant`: 16 bytes.
    ("timers",  &["timers",  "{addr}"], Profile { idle_bytes: Some(64 + 16), stage: 0, ..STAGES[5] }),
];

/// What a pool of four workers does: it serves four clients at the same time. It holds those, 16 more in its queue, and
/// the one that it has just accepted, so that it never runs out of 32 descriptors.
const POOL: Profile = Profile {
    stage: 0,
    others: Workers(4),
    crowd: InTurn,
    beyond: Never,
    worker: Pool,
    ..STAGES[2]
};

/// What every concurrent echo server should do, wherever it comes from.
pub const ANY: Profile = Profile {
    runtime_kib: 64 * 1024,
    is_own: false,
    ..row(0, Served, All, false, None, 512, Either, Any, Unknown)
};

/// What every proxy should do, wherever it comes from.
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
