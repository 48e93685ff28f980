//! Wrong: `accept` fails for lack of a descriptor, and the listener stays watched: it is ready at once, forever. Seen
//! in: most hand-written event loops; a server at its limit then takes a whole CPU core, and fills the disk with its
//! log. Turns red: e11_out_of_descriptors

use std::io;

use crate::echo::{Manners, Server};

pub(super) struct SpinOnEmfile;

impl Manners for SpinOnEmfile {
    fn on_shortage(server: &mut Server<Self>) -> io::Result<()> {
        server.complain("cannot accept: clients have to wait");
        Ok(())
    }
}
