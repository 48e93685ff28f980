//! The cells of the matrix as a server's profile predicts them.

use suite::profile::{Beyond, Crowd, Others, Profile, Term, Worker};

use super::{Fault, Found};
use crate::probes::found;
use crate::show::Tone;

/// The expectation of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// This word.
    Word(&'static str),
    /// Memory, up to this many KiB.
    AtMostKib(u64),
}

impl Expectation {
    /// Returns whether the finding matches.
    pub fn admits(self, found: &Found) -> bool {
        match self {
            Self::Word(word) => found.word == word,
            Self::AtMostKib(most) => {
                let number = found.word.strip_suffix(" K").map(str::parse);
                number.is_some_and(|kib| kib.is_ok_and(|kib: u64| kib <= most))
            }
        }
    }

    /// Returns the expectation in the form of a finding.
    pub(super) fn found(self) -> Found {
        let word = match self {
            Self::Word(word) => word.to_owned(),
            Self::AtMostKib(most) => format!("≤{most} K"),
        };
        found(format!("{word}: the profile says so")).toned(Tone::Plain)
    }
}

/// Returns what a profile predicts for a fault.
pub fn expected(profile: &Profile, fault: &Fault) -> Expectation {
    if fault.name == "memory" {
        return Expectation::AtMostKib(profile.stalled_kib);
    }
    Expectation::Word(match fault.name {
        "silent" | "stalled" | "flood" => match profile.others {
            Others::Wait => "waits",
            Others::Served | Others::Workers(_) => "served",
        },
        "crowd" => match profile.crowd {
            Crowd::InTurn => "1",
            Crowd::All => "1,100",
            // The standard streams take three of the 1,024 descriptors, and the listener one.
            Crowd::Below1024 => "1,020",
        },
        "value" if profile.crowd == Crowd::Below1024 => "shed",
        "descriptors" => match profile.beyond {
            Beyond::Queue => "queue",
            Beyond::Never if profile.others == Others::Wait => "turns",
            Beyond::Never | Beyond::Either => "served",
        },
        "tasks" if matches!(profile.worker, Worker::Process | Worker::Thread) => "shed",
        "fault" if profile.worker == Worker::Process => "one",
        "fault" => "all",
        "sigterm" => match profile.term {
            Term::ParentDies => "parent",
            Term::Drains => "drains",
            _ => "dies",
        },
        "second-sigterm" if profile.term == Term::Drains => "ends",
        "second-sigterm" => "first",
        "queue" if profile.term == Term::Drains => "served",
        "queue" => "lost",
        // A level-triggered epoll keeps reporting a file that another process holds open.
        "shared" if matches!(profile.stage, 6 | 8) => "spins",
        "shared" | "accept" => "rests",
        "small-writes" => "sent",
        "ignored" | "deaf" => "lives",
        // What the contract requires of every stage.
        "value" | "tasks" | "urgent" | "stop" | "lowered" => "served",
        "reset" | "killed" => "one",
        "half-close" => "whole",
        "zombies" => "0",
        "restart" => "back",
        name => unreachable!("no profile predicts anything for {name}"),
    })
}
