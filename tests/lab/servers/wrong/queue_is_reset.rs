//! Wrong: on SIGTERM it closes its listener at once: clients that are connected and were not accepted yet are reset.
//! Seen in: nearly every server that closes its listener first; a restart behind a load balancer then fails requests.
//! Turns red: e13_in_the_queue

use std::io;

use crate::echo::{Manners, Server};

pub(super) struct QueueIsReset;

impl Manners for QueueIsReset {
    fn empty_the_queue(_: &mut Server<Self>) -> io::Result<()> {
        Ok(())
    }
}
