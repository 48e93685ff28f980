//! The rows that a server can be judged by.

use anyhow::Context;
use suite::Profile;
use suite::profile::{ANY, Beyond, Crowd, Others, PROXY, STAGES};

/// A row of the table of profiles, or what is made of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProfileRow {
    /// The row of a stage, 1 to 8.
    Stage(u8),
    /// The row of every server for many clients.
    Any,
    /// As `Any`, one client after the other.
    OneAfterTheOther,
    /// What every proxy should do.
    Proxy,
    /// As stage 5, with clients below descriptor 1,024 only.
    DrainsBelow1024,
}

impl ProfileRow {
    /// Reads `04`, `4`, `any` or `proxy`.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        match text {
            "any" => return Ok(Self::Any),
            "proxy" => return Ok(Self::Proxy),
            _ => {}
        }
        let number = text.parse().ok();
        let number = number.filter(|number| (1..=8).contains(number));
        let number =
            number.with_context(|| format!("{text} is none of 01 to 08, any and proxy"))?;
        Ok(Self::Stage(number))
    }

    /// Returns what is expected then.
    pub(super) fn profile(self) -> Profile {
        match self {
            Self::Stage(number) => STAGES[usize::from(number) - 1],
            Self::Any => ANY,
            Self::Proxy => PROXY,
            Self::OneAfterTheOther => Profile {
                others: Others::Wait,
                crowd: Crowd::InTurn,
                beyond: Beyond::Never,
                ..ANY
            },
            Self::DrainsBelow1024 => Profile {
                chapter: 4,
                crowd: Crowd::Below1024,
                ..Self::Stage(5).profile()
            },
        }
    }

    /// Returns what is expected if this row was found, and not asked for: what the stage's clients may cost in memory is
    /// for programs that manage it by hand.
    pub(super) fn profile_for_any_language(self) -> Profile {
        Profile {
            is_own: false,
            stalled_kib: ANY.stalled_kib,
            runtime_kib: ANY.runtime_kib,
            ..self.profile()
        }
    }

    /// How it is called.
    pub(super) fn name(self) -> String {
        match self {
            Self::Stage(number) => format!("{number:02}"),
            Self::Any => "any".into(),
            Self::Proxy => "proxy".into(),
            Self::OneAfterTheOther => "any, one client after the other".into(),
            Self::DrainsBelow1024 => "05, below descriptor 1,024".into(),
        }
    }
}
