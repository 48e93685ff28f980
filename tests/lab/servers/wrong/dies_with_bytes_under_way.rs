//! Wrong: on SIGTERM it closes everything at once: what clients had sent, and what they were owed, is gone.
//! Seen in: servers that take a clean exit code for a clean end.
//! Turns red: e13_sigterm e13_sigint e13_late_reader e13_still_talking

use std::time::Instant;

use crate::echo::{Manners, Server};

pub(super) struct DiesWithBytesUnderWay;

impl Manners for DiesWithBytesUnderWay {
    fn is_over(_: &Server<Self>, _: Instant) -> bool {
        true
    }
}
