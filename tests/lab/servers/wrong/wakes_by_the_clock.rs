//! Wrong: it wakes every 50 ms to see whether there is something to do.
//! Seen in: loops with a timeout "to be safe", or because a flag has to be looked at; a thousand of them keep a
//! CPU core busy with nothing.
//! Turns red: e03_silence

use std::time::Duration;

use crate::echo::Manners;

pub(super) struct WakesByTheClock;

impl Manners for WakesByTheClock {
    const SLEEP: Option<Duration> = Some(Duration::from_millis(50));
}
