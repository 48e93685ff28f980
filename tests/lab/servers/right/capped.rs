//! Right, on select, with the limit that select has: a client whose descriptor does not fit into a set is turned
//! away.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use crate::echo::{Manners, Server};
use crate::selector::{Select, Selector};

pub(super) struct Capped;

impl Manners for Capped {
    fn selector() -> io::Result<Box<dyn Selector>> {
        Ok(Box::new(Select::default()))
    }

    fn admit(server: &mut Server<Self>, stream: TcpStream) -> io::Result<()> {
        if (stream.as_raw_fd() as usize) < nix::sys::select::FD_SETSIZE {
            return server.add(stream);
        }
        server.complain("turned away: a descriptor does not fit into a set");
        Ok(())
    }
}
