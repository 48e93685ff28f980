//! Wrong: the sockets block, and the loop writes until all is written: a client that does not read stops the server
//! for everybody.
//! Seen in: loops over `select` with sockets that nobody made non-blocking; libraries whose send is a loop.
//! Turns red: e06_slow_readers, and others with a client that does not read

use std::io::{self, Write};

use crate::echo::{Connection, Manners};

pub(super) struct BlockingWrite;

impl Manners for BlockingWrite {
    fn flush(connection: &mut Connection) -> io::Result<()> {
        connection.stream.set_nonblocking(false)?;
        connection.stream.write_all(&connection.pending)?;
        connection.stream.set_nonblocking(true)?;
        connection.pending.clear();
        Ok(())
    }
}
