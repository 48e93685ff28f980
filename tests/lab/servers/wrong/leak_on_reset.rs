//! Wrong: a client that was reset is forgotten, but its socket is not closed.
//! Seen in: error paths that return early; the server runs out of descriptors after some weeks.
//! Turns red: e07_resets e08_comings_and_goings

use std::io;
use std::mem;
use std::os::fd::RawFd;

use crate::echo::{Manners, Server};

pub(super) struct LeakOnReset;

impl Manners for LeakOnReset {
    fn on_reset(server: &mut Server<Self>, number: RawFd, _: io::Error) -> io::Result<()> {
        server.forget(number).map(mem::forget)
    }
}
