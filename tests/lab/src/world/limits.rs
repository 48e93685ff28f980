//! The limits of this machine: what does not fit is made smaller, and that is said.

use std::fmt;
use std::sync::LazyLock;

use anyhow::ensure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::Serialize;
use suite::number;

/// Descriptors that the lab needs beside those of its clients.
const RESERVE: u64 = 100;

/// The limit of descriptors of this process, raised to the hard one. A server that the lab starts has the
/// same.
static DESCRIPTORS: LazyLock<u64> = LazyLock::new(|| {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    }
});

/// For what cannot be made smaller.
///
/// # Errors
///
/// If a process may not have so many descriptors: it says what to do.
pub fn ensure_descriptors(least: u64) -> anyhow::Result<()> {
    ensure!(
        *DESCRIPTORS >= least,
        "this needs more descriptors: {}, and the limit is {} (ulimit -Hn raises it)",
        number(least),
        number(*DESCRIPTORS)
    );
    Ok(())
}

/// How many of something there is room for.
#[derive(Clone, Debug, Serialize)]
pub struct Room {
    /// Their name, in the plural.
    pub what: &'static str,
    /// How many were wanted.
    pub wanted: usize,
    /// How many there will be.
    pub given: usize,
}

impl Room {
    /// Room for so many connections, a descriptor each on either side.
    pub fn for_connections(what: &'static str, wanted: usize) -> Self {
        let room = DESCRIPTORS.saturating_sub(RESERVE).max(RESERVE / 2);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        Self {
            what,
            wanted,
            given: wanted.min(room),
        }
    }

    /// Whether there is less than was wanted.
    pub const fn is_reduced(&self) -> bool {
        self.given < self.wanted
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} → {}: the descriptor limit is {}",
            self.what,
            number(self.wanted as u64),
            number(self.given as u64),
            number(*DESCRIPTORS)
        )
    }
}
