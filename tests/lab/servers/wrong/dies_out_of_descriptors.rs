//! Wrong: a failure of `accept` for lack of a descriptor is taken for the end of everything.
//! Seen in: loops that end at every error they have no name for.
//! Turns red: e11_out_of_descriptors

use std::io;

use nix::errno::Errno;

use crate::echo::Manners;
use crate::server::Server;

pub(super) struct DiesOutOfDescriptors;

impl Manners for DiesOutOfDescriptors {
    fn on_shortage(_server: &mut Server<Self>) -> io::Result<()> {
        Err(Errno::EMFILE.into())
    }
}
