//! Right, with manners of its own when it ends: after SIGTERM it echoes what had arrived by then, and throws away what
//! comes later; the second signal makes it exit with 130.

use std::io;
use std::process;

use crate::echo::{Connection, Manners, Server};

pub(super) struct OwnManners;

impl Manners for OwnManners {
    fn on_signal(server: &mut Server<Self>) -> io::Result<()> {
        if server.drained_at.is_some() {
            process::exit(130);
        }
        server.finish()?;
        for connection in server.connections.values_mut() {
            connection.is_done = !Self::has_unread_bytes(connection);
        }
        Ok(())
    }

    fn read(connection: &mut Connection) -> io::Result<()> {
        connection.receive()?;
        if connection.is_done {
            connection.pending.clear();
        }
        Self::flush(connection)
    }
}
