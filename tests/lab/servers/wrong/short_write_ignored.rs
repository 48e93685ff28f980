//! Wrong: what `send` did not take is thrown away. It takes all of a small message, so no small test notices.
//! Seen in: teaching servers of every kind; proxies that lose the end of a large answer.
//! Turns red: e04_half_close e05_writes_all_then_reads e06_slow_readers e13_late_reader

use std::io::{self, Write};

use crate::echo::{Connection, Manners};

pub(super) struct ShortWriteIgnored;

impl Manners for ShortWriteIgnored {
    fn flush(connection: &mut Connection) -> io::Result<()> {
        let _sent = connection.stream.write(&connection.pending)?;
        connection.pending.clear();
        Ok(())
    }
}
