//! The faults, a row each.

use serde::Serialize;
use suite::Subject;

use crate::probes::{Found, crowds, ends, others, resets, shortages, surprises, workers};

/// Something that goes wrong, and how to see its effect.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fault {
    /// Its name on the command line.
    #[serde(rename = "fault")]
    pub name: &'static str,
    /// The label of its row, 14 columns at most.
    #[serde(skip)]
    pub label: &'static str,
    /// The deed in words.
    pub what: &'static str,
    /// Does it to a server, and returns the effect.
    #[serde(skip)]
    pub(super) probe: fn(&Subject) -> Found,
}

/// All of them.
#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    Fault { name: "silent", label: "silent client", what: "one client is connected and says nothing; another one sends", probe: others::silent },
    Fault { name: "stalled", label: "never reads", what: "one client sends until it is held back, and reads nothing; another one sends", probe: others::stalled },
    Fault { name: "memory", label: "… its memory", what: "KiB of memory that a client which never reads costs the server", probe: others::memory },
    Fault { name: "flood", label: "flood", what: "one client streams at full speed; another one sends", probe: others::flood },
    Fault { name: "reset", label: "reset", what: "a client resets its connection in mid-stream", probe: resets::reset },
    Fault { name: "killed", label: "killed client", what: "a client is killed, with bytes for it and from it under way", probe: resets::killed },
    Fault { name: "half-close", label: "half-close", what: "a client ends its sending half, with bytes for it under way", probe: resets::half_close },
    Fault { name: "urgent", label: "urgent byte", what: "a client sends a byte of urgent data", probe: resets::urgent },
    Fault { name: "small-writes", label: "small writes", what: "a client sends twice, a few bytes each time, and the echoes are small writes", probe: surprises::small_writes },
    Fault { name: "crowd", label: "1,100 clients", what: "1,100 clients are connected at the same time: how many are served", probe: crowds::crowd },
    Fault { name: "value", label: "fd ≥ 1,024", what: "nearly all descriptors below 1,024 are taken already", probe: crowds::value },
    Fault { name: "descriptors", label: "32 descriptors", what: "the server may have 32 descriptors open; 60 clients come", probe: shortages::descriptors },
    Fault { name: "tasks", label: "no new task", what: "fork and clone fail (EAGAIN)", probe: shortages::tasks },
    Fault { name: "deaf", label: "log unread", what: "the server has something to say, and its standard error is closed, or is full and nobody reads it", probe: shortages::deaf },
    Fault { name: "lowered", label: "limit lowered", what: "the descriptor limit is lowered to 10 while 20 clients are connected", probe: surprises::limit_lowered },
    Fault { name: "accept", label: "accept fails", what: "accept fails each time, with EPERM (a firewall) or EPROTO (one client)", probe: surprises::accept_fails },
    Fault { name: "fault", label: "fault inside", what: "the task that serves a client dies of SIGILL; another client is connected", probe: workers::fault },
    Fault { name: "zombies", label: "100 exits", what: "100 clients come and go: how many children stay as zombies", probe: workers::zombies },
    Fault { name: "stop", label: "stop, continue", what: "the server is stopped and continued (EINTR), idle and with work to do", probe: workers::stopped },
    Fault { name: "shared", label: "fd elsewhere", what: "another process still has a connection that the server has closed", probe: surprises::duplicated },
    Fault { name: "sigterm", label: "SIGTERM", what: "SIGTERM comes while bytes that were sent are not read yet", probe: ends::sigterm },
    Fault { name: "second-sigterm", label: "… a second one", what: "a client never reads; SIGTERM comes, and comes again", probe: ends::second_sigterm },
    Fault { name: "queue", label: "… in the queue", what: "10 clients wait in the queue when SIGTERM comes", probe: ends::queued },
    Fault { name: "ignored", label: "… ignored", what: "SIGINT comes, and was ignored when the server started", probe: ends::ignored },
    Fault { name: "restart", label: "restart", what: "the server is killed, and started again on the same port", probe: ends::restart },
];
