//! The faults, a row each.

use suite::Subject;

use crate::probes::{Found, crowds, ends, others, resets, shortages, surprises, workers};

/// Something that goes wrong, and how to see its effect.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its name on the command line.
    pub name: &'static str,
    /// The label of its row, 14 columns at most.
    pub label: &'static str,
    /// The deed in words.
    pub what: &'static str,
    /// Does it to a server, and returns the effect.
    pub(super) probe: fn(&Subject) -> Found,
}

const fn fault(
    name: &'static str,
    label: &'static str,
    what: &'static str,
    probe: fn(&Subject) -> Found,
) -> Fault {
    Fault {
        name,
        label,
        what,
        probe,
    }
}

/// All of them.
#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    fault("silent", "silent client", "one client is connected and says nothing; another one sends", others::silent),
    fault("stalled", "never reads", "one client sends until it is held back, and reads nothing; another one sends", others::stalled),
    fault("memory", "… its memory", "KiB of memory that a client which never reads costs the server", others::memory),
    fault("flood", "flood", "one client streams at full speed; another one sends", others::flood),
    fault("reset", "reset", "a client resets its connection in mid-stream", resets::reset),
    fault("killed", "killed client", "a client is killed, with bytes for it and from it under way", resets::killed),
    fault("half-close", "half-close", "a client ends its sending half, with bytes for it under way", resets::half_close),
    fault("urgent", "urgent byte", "a client sends a byte of urgent data", resets::urgent),
    fault("small-writes", "small writes", "a client sends twice, a few bytes each time, and the echoes are small writes", surprises::small_writes),
    fault("crowd", "1,100 clients", "1,100 clients are connected at the same time: how many are served", crowds::crowd),
    fault("value", "fd ≥ 1,024", "nearly all descriptors below 1,024 are taken already", crowds::value),
    fault("descriptors", "32 descriptors", "the server may have 32 descriptors open; 60 clients come", shortages::descriptors),
    fault("tasks", "no new task", "fork and clone fail (EAGAIN)", shortages::tasks),
    fault("deaf", "log unread", "the server has something to say, and its standard error is closed, or is full and nobody reads it", shortages::deaf),
    fault("lowered", "limit lowered", "the descriptor limit is lowered to 10 while 20 clients are connected", surprises::limit_lowered),
    fault("accept", "accept fails", "accept fails each time, with EPERM (a firewall) or EPROTO (one client)", surprises::accept_fails),
    fault("fault", "fault inside", "the task that serves a client dies of SIGILL; another client is connected", workers::fault),
    fault("zombies", "100 exits", "100 clients come and go: how many children stay as zombies", workers::zombies),
    fault("stop", "stop, continue", "the server is stopped and continued (EINTR), idle and with work to do", workers::stopped),
    fault("shared", "fd elsewhere", "another process still has a connection that the server has closed", surprises::duplicated),
    fault("sigterm", "SIGTERM", "SIGTERM comes while bytes that were sent are not read yet", ends::sigterm),
    fault("second-sigterm", "… a second one", "a client never reads; SIGTERM comes, and comes again", ends::second_sigterm),
    fault("queue", "… in the queue", "10 clients wait in the queue when SIGTERM comes", ends::queued),
    fault("ignored", "… ignored", "SIGINT comes, and was ignored when the server started", ends::ignored),
    fault("restart", "restart", "the server is killed, and started again on the same port", ends::restart),
];
