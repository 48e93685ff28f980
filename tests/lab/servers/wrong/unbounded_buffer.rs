//! Wrong: it goes on reading from a client that does not read, and keeps all of it: one client can have all the memory.
//! Seen in: evented servers that write through a library's buffer and never ask how full it is.
//! Turns red: e05_writes_all_then_reads e06_slow_readers

use std::io;

use nix::sys::epoll::EpollFlags;

use crate::echo::{Connection, Echo, Manners};

pub(super) struct UnboundedBuffer;

impl Manners for UnboundedBuffer {
    fn interest(connection: &Connection) -> EpollFlags {
        let interest = Echo::interest(connection);
        match connection.eof {
            true => interest,
            false => interest | EpollFlags::EPOLLIN,
        }
    }

    fn on_ready(connection: &mut Connection, events: EpollFlags) -> io::Result<()> {
        if events.contains(EpollFlags::EPOLLIN) {
            connection.receive()?;
        }
        Self::flush(connection)
    }
}
