//! Wrong: EPOLLRDHUP is taken for the end of the connection, which it is of one half only: what the client is owed
//! is thrown away with it, and what it sent before its FIN is not even read.
//! Seen in: event loops that test `EPOLLHUP | EPOLLRDHUP | EPOLLERR` in one line, before all else.
//! Turns red: e04_half_close

use std::io;

use nix::sys::epoll::EpollFlags;

use crate::echo::{Connection, Echo, Manners};

pub(super) struct RdhupBeforeFlush;

impl Manners for RdhupBeforeFlush {
    fn interest(connection: &Connection) -> EpollFlags {
        match Echo::interest(connection) {
            finished if finished.is_empty() => finished,
            interest => interest | EpollFlags::EPOLLRDHUP,
        }
    }

    fn on_ready(connection: &mut Connection, events: EpollFlags) -> io::Result<()> {
        if events.contains(EpollFlags::EPOLLRDHUP) {
            connection.pending.clear();
            connection.eof = true;
            return Ok(());
        }
        Echo::on_ready(connection, events)
    }
}
