//! The cases that a server is judged by.

use suite::cases::{DRAIN, ECHO, EVENT_LOOP, IDLE};
use suite::profile::{Crowd, Term, Worker};
use suite::proxy::PROXY;
use suite::{Case, Profile};

use super::row::ProfileRow;
use crate::world::wanted;

/// Returns the cases that a server of this row is judged by, of those whose names have one of `parts` in them.
pub(super) fn due(row: &ProfileRow, parts: &[String]) -> anyhow::Result<Vec<Case>> {
    let profile = &row.profile;
    let is_event_loop = profile.stage >= 4;
    let lists = [
        (row.is_for_proxies(), PROXY),
        (!row.is_for_proxies(), ECHO),
        (is_event_loop, EVENT_LOOP),
        (profile.term == Term::Drains, DRAIN),
        (is_event_loop && profile.crowd == Crowd::All, IDLE),
    ];
    let due = lists.iter().filter(|(is_due, _)| *is_due);
    let all: Vec<Case> = due.flat_map(|(_, list)| list.iter().copied()).collect();
    let nothing = "this server is judged by no case that is";
    wanted(all, parts, |(name, _)| [*name], nothing)
}

/// Returns whether a case has `part` in its name.
pub(crate) fn is_known(part: &str) -> bool {
    let lists = [ECHO, EVENT_LOOP, DRAIN, IDLE, PROXY];
    let mut all = lists.into_iter().flatten();
    all.any(|(name, _)| name.contains(part))
}

/// Returns why a case says nothing of a server of this profile, if so.
pub(super) fn not_judged(profile: &Profile, name: &str) -> Option<&'static str> {
    match name {
        "e13_sigterm" | "e13_sigint" | "e13_ignored_signal" if profile.term == Term::Any => {
            Some("the contract does not say what a signal does to any server")
        }
        "p01_small_writes" => Some("the contract does not say in which pieces a proxy sends"),
        "e02_small_writes" => Some("the contract does not say in which pieces a server answers"),
        "e16_no_task_to_be_had" if profile.worker == Worker::Unknown => Some(
            "the contract does not say whether a server needs a process or thread for a client",
        ),
        _ => None,
    }
}
