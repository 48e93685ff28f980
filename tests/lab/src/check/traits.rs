//! The traits of a server, and the row of the profile that fits it.

use serde::Serialize;
use suite::profile::Others::{self, Wait};
use suite::profile::Term::{self, Dies, Drains};
use suite::profile::{ANY, Profile, Worker};

use super::row::ProfileRow;

/// A trait that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Observation {
    pub(super) what: &'static str,
    pub(super) seen: &'static str,
}

/// The traits that decide on a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) announces: bool,
    pub(super) others: Others,
    /// The task that serves a client, as far as it shows.
    pub(super) worker: Worker,
    /// How the server ends on SIGTERM, with bytes of a client under way.
    pub(super) term: Term,
    /// Whether clients with descriptors from 1,024 on are turned away.
    pub(super) is_capped: bool,
}

impl Traits {
    /// Returns what was looked at, and what was seen.
    pub(super) fn in_words(self) -> Vec<Observation> {
        let yes = |is_so| if is_so { "yes" } else { "no" };
        let second = match self.others {
            Wait => "waits",
            Others::Served | Others::Workers(_) => "is served",
        };
        let worker = match self.worker {
            Worker::Process => "a process of its own",
            Worker::Thread | Worker::Pool => "a thread of its own",
            Worker::Itself | Worker::Unknown => "what serves all",
        };
        let end = match self.term {
            Drains => "echoes them, exits with 0",
            Dies => "no, dies of the signal",
            Term::ParentDies | Term::Any => "no",
        };
        let announces = yes(self.announces);
        let all = [
            ("announces `listening on ADDR`, takes port 0", announces),
            ("a second client, next to a silent one", second),
            ("serves a client by", worker),
            ("drains on SIGTERM, with bytes under way", end),
            ("turns away descriptors from 1,024 on", yes(self.is_capped)),
        ];
        all.map(|(what, seen)| Observation { what, seen }).into()
    }

    /// Returns the row, and why it is this one.
    fn choose(self) -> (ProfileRow, &'static str) {
        match (
            self.others,
            self.announces,
            self.worker,
            self.is_capped,
            self.term,
        ) {
            (Wait, true, _, _, Dies) => (
                ProfileRow::stage(1),
                "it serves one client after the other, and announces itself as the course's servers do",
            ),
            (Wait, ..) => (
                ProfileRow::one_after_the_other(),
                "it serves one client after the other: the others have to wait, and lose nothing by it",
            ),
            (_, false, ..) => (
                ProfileRow::any(),
                "it does not announce itself as the course's servers do, so it is held to what every \
                 server for many clients should do",
            ),
            (_, _, Worker::Process, ..) => (
                ProfileRow::stage(2),
                "it announces itself as the course's servers do, and makes a process for each client",
            ),
            (_, _, Worker::Thread, ..) => (
                ProfileRow::stage(3),
                "it announces itself as the course's servers do, and makes a thread for each client",
            ),
            (.., true, Dies) => (
                ProfileRow::stage(4),
                "it is an event loop that takes no descriptor of 1,024 or above, and SIGTERM ends it",
            ),
            (.., true, Drains) => (
                ProfileRow::drains_below_1024(),
                "it is an event loop that takes no descriptor of 1,024 or above, and drains",
            ),
            (.., false, Drains) => (
                ProfileRow::stage(5),
                "it is an event loop that drains, and has no cap (06 and 07 are judged by the memory of \
                 an idle client, which suits few other languages)",
            ),
            _ => (
                ProfileRow::any(),
                "it announces itself, but does not drain on SIGTERM: it is held to what every server for \
                 many clients should do, and to no event loop's end",
            ),
        }
    }

    /// Returns the row that fits, with a chapter that explains such a server, and why it is this one. What clients of the
    /// course's stages may cost in memory is for programs that manage it by hand.
    pub(super) fn row(self) -> (ProfileRow, &'static str) {
        let (row, why) = self.choose();
        let chapter = match (row.profile.chapter, self.others, self.worker) {
            (0, Wait, _) => 1,
            (0, _, Worker::Process) => 2,
            (0, _, Worker::Thread) => 3,
            // Nothing is seen of how it knows which client is ready.
            (own, ..) => own,
        };
        let profile = Profile {
            chapter,
            is_own: false,
            stalled_kib: ANY.stalled_kib,
            runtime_kib: ANY.runtime_kib,
            ..row.profile
        };
        (ProfileRow { profile, ..row }, why)
    }
}

#[cfg(test)]
mod tests {
    use suite::profile::{Crowd, STAGES};

    use super::*;

    #[test]
    fn a_foreign_server_has_a_chapter_that_suits_it() {
        for (others, worker, chapter) in [
            (Others::Served, Worker::Thread, 3),
            (Others::Served, Worker::Process, 2),
            (Others::Served, Worker::Itself, 0),
            (Wait, Worker::Itself, 1),
        ] {
            let traits = Traits {
                announces: false,
                others,
                worker,
                term: Term::Any,
                is_capped: false,
            };
            assert_eq!(traits.row().0.profile.chapter, chapter, "{traits:?}");
        }
    }

    /// A server that has the traits that a stage's profile gives it is judged as that stage.
    #[test]
    fn each_stage_is_judged_as_itself() {
        for profile in STAGES {
            let traits = Traits {
                announces: true,
                others: profile.others,
                worker: profile.worker,
                term: profile.term,
                is_capped: profile.crowd == Crowd::Below1024,
            };
            // From 05 on, only the memory of an idle client would tell them apart.
            let row = format!("{:02}", profile.stage.min(5));
            assert_eq!(traits.row().0.name, row, "{traits:?}");
        }
    }
}
