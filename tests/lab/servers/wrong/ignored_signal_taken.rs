//! Wrong: it handles SIGINT though SIGINT was ignored when it started: Ctrl-C for a script ends what the script runs in
//! the background, too.
//! Seen in: programs that install their handlers without a look at what was there.
//! Turns red: e13_ignored_signal

use std::io;

use nix::sys::signal::{SigSet, Signal};

use crate::echo::Manners;

pub(super) struct IgnoredSignalTaken;

impl Manners for IgnoredSignalTaken {
    fn ends_by() -> io::Result<SigSet> {
        Ok([Signal::SIGTERM, Signal::SIGINT].into_iter().collect())
    }
}
