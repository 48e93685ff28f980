//! The rows that a server can be judged by.

use anyhow::Context;
use suite::Profile;
use suite::profile::{ANY, Beyond, Crowd, Others, PROXY, STAGES};

/// A row of the table of profiles, or what is made of one.
#[derive(Clone, Debug)]
pub(crate) struct ProfileRow {
    /// Its name for a person.
    pub(crate) name: String,
    /// The expectations.
    pub(super) profile: Profile,
}

impl ProfileRow {
    fn new(name: impl Into<String>, profile: Profile) -> Self {
        let name = name.into();
        Self { name, profile }
    }

    /// Returns the row of stage `number`, 1 to 8.
    pub(super) fn stage(number: u8) -> Self {
        Self::new(format!("{number:02}"), STAGES[usize::from(number) - 1])
    }

    /// Returns the row of every server for many clients.
    pub(super) fn any() -> Self {
        Self::new("any", ANY)
    }

    /// Returns the row of a server as any other, for one client after the other.
    pub(super) fn one_after_the_other() -> Self {
        let profile = Profile {
            others: Others::Wait,
            crowd: Crowd::InTurn,
            beyond: Beyond::Never,
            ..ANY
        };
        Self::new("any, one client after the other", profile)
    }

    /// Returns the row of a server as stage 5, with clients below descriptor 1,024 only.
    pub(super) fn drains_below_1024() -> Self {
        let profile = Profile {
            chapter: 4,
            crowd: Crowd::Below1024,
            ..STAGES[4]
        };
        Self::new("05, below descriptor 1,024", profile)
    }

    /// Reads `04`, `4`, `any` or `proxy`.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        match text {
            "any" => Ok(Self::any()),
            "proxy" => Ok(Self::new(text, PROXY)),
            _ => {
                let number = text.parse().ok();
                let number = number.filter(|number| (1..=8).contains(number));
                let nothing = || format!("{text} is none of 01 to 08, any and proxy");
                number.map(Self::stage).with_context(nothing)
            }
        }
    }

    /// Returns whether it is the row of what every proxy should do.
    pub(crate) fn is_for_proxies(&self) -> bool {
        self.name == "proxy"
    }
}
