//! The traits of a server, and the row of the profile that fits it.

use serde::Serialize;

use super::row::ProfileRow;

/// A trait that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Observation {
    pub(super) what: &'static str,
    pub(super) seen: String,
}

/// The task that serves a client, as far as it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServedBy {
    Shared,
    Process,
    Thread,
}

/// How a server ends on SIGTERM, with bytes of a client under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It echoes them, and exits with 0.
    Drains,
    /// It dies of the signal, as a program does by default.
    Dies,
    /// Neither.
    Otherwise,
}

/// The traits that decide on a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) announces: bool,
    pub(super) others_wait: bool,
    pub(super) worker: ServedBy,
    pub(super) end: End,
    pub(super) is_capped: bool,
}

impl Traits {
    /// Returns what was looked at, and what was seen.
    pub(super) fn in_words(self) -> Vec<Observation> {
        let second = if self.others_wait {
            "waits"
        } else {
            "is served"
        };
        let worker = match self.worker {
            ServedBy::Shared => "what serves all",
            ServedBy::Process => "a process of its own",
            ServedBy::Thread => "a thread of its own",
        };
        let end = match self.end {
            End::Drains => "echoes them, exits with 0",
            End::Dies => "no, dies of the signal",
            End::Otherwise => "no",
        };
        let all = [
            (
                "announces `listening on ADDR`, takes port 0",
                yes(self.announces),
            ),
            ("a second client, beside a silent one", second),
            ("serves a client by", worker),
            ("drains on SIGTERM, with bytes under way", end),
            ("turns away descriptors from 1,024 on", yes(self.is_capped)),
        ];
        let observation = |(what, seen): (_, &str)| Observation {
            what,
            seen: seen.to_owned(),
        };
        all.map(observation).into()
    }
}

impl Traits {
    /// Returns the chapter that explains a server of these traits, which is judged as `row`.
    pub(super) fn chapter(self, row: ProfileRow) -> u8 {
        match (row.profile().chapter, self.others_wait, self.worker) {
            (0, true, _) => 1,
            (0, _, ServedBy::Process) => 2,
            (0, _, ServedBy::Thread) => 3,
            // Nothing is seen of how it knows which client is ready.
            (0, ..) => 0,
            (own, ..) => own,
        }
    }
}

const fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// The row, and why it is this one.
pub(super) const fn choose(traits: Traits) -> (ProfileRow, &'static str) {
    match traits {
        Traits {
            others_wait: true,
            announces: true,
            end: End::Dies,
            ..
        } => (
            ProfileRow::Stage(1),
            "it serves one client after the other, and announces itself as the course's servers do",
        ),
        Traits {
            others_wait: true, ..
        } => (
            ProfileRow::OneAfterTheOther,
            "it serves one client after the other: the others have to wait, and lose nothing by it",
        ),
        Traits {
            announces: false, ..
        } => (
            ProfileRow::Any,
            "it does not announce itself as the course's servers do, so it is held to what every \
             server for many clients should do",
        ),
        Traits {
            worker: ServedBy::Process,
            ..
        } => (
            ProfileRow::Stage(2),
            "it announces itself as the course's servers do, and makes a process for each client",
        ),
        Traits {
            worker: ServedBy::Thread,
            ..
        } => (
            ProfileRow::Stage(3),
            "it announces itself as the course's servers do, and makes a thread for each client",
        ),
        Traits {
            is_capped: true,
            end: End::Dies,
            ..
        } => (
            ProfileRow::Stage(4),
            "it is an event loop that takes no descriptor of 1,024 or above, and SIGTERM ends it",
        ),
        Traits {
            is_capped: true,
            end: End::Drains,
            ..
        } => (
            ProfileRow::DrainsBelow1024,
            "it is an event loop that takes no descriptor of 1,024 or above, and drains",
        ),
        Traits {
            end: End::Dies | End::Otherwise,
            ..
        } => (
            ProfileRow::Any,
            "it announces itself, but does not drain on SIGTERM: it is held to what every server for \
             many clients should do, and to no event loop's end",
        ),
        Traits {
            end: End::Drains, ..
        } => (
            ProfileRow::Stage(5),
            "it is an event loop that drains, and has no cap (06 and 07 are judged by the memory of \
             an idle client beside that, which suits few other languages)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use suite::profile::{Crowd, Others, STAGES, Term, Worker as Serves};

    use super::*;

    #[test]
    fn a_foreign_server_has_a_chapter_that_suits_it() {
        let traits = Traits {
            announces: false,
            others_wait: false,
            worker: ServedBy::Thread,
            end: End::Otherwise,
            is_capped: false,
        };
        let chapter = |traits: Traits| traits.chapter(choose(traits).0);
        assert_eq!(chapter(traits), 3);
        let worker = ServedBy::Process;
        assert_eq!(chapter(Traits { worker, ..traits }), 2);
        let worker = ServedBy::Shared;
        assert_eq!(chapter(Traits { worker, ..traits }), 0);
        let (others_wait, worker) = (true, ServedBy::Shared);
        assert_eq!(
            chapter(Traits {
                others_wait,
                worker,
                ..traits
            }),
            1
        );
    }

    /// A server that has the traits that a stage's profile gives it is judged as that stage.
    #[test]
    fn each_stage_is_judged_as_itself() {
        for profile in STAGES {
            let traits = Traits {
                announces: true,
                others_wait: profile.others == Others::Wait,
                worker: match profile.worker {
                    Serves::Process => ServedBy::Process,
                    Serves::Thread | Serves::Pool => ServedBy::Thread,
                    Serves::Itself | Serves::Unknown => ServedBy::Shared,
                },
                end: match profile.term {
                    Term::Drains => End::Drains,
                    Term::Dies => End::Dies,
                    Term::ParentDies | Term::Any => End::Otherwise,
                },
                is_capped: profile.crowd == Crowd::Below1024,
            };
            // From 05 on, only the memory of an idle client would tell them apart.
            let row = ProfileRow::Stage(profile.stage.min(5));
            assert_eq!(choose(traits).0, row, "{traits:?}");
        }
    }
}
