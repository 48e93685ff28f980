//! Wrong: the error of one client's connection is not caught where that client is served: it ends the loop, and with
//! it everybody.
//! Seen in: servers whose only error handling is around their main; it takes one client that is killed.
//! Turns red: e06_slow_readers e07_resets e08_comings_and_goings e10_crowd

use std::io;
use std::os::fd::RawFd;

use crate::echo::{Manners, Server};

pub(super) struct OneResetEndsAll;

impl Manners for OneResetEndsAll {
    fn on_reset(_: &mut Server<Self>, _: RawFd, error: io::Error) -> io::Result<()> {
        Err(error)
    }
}
