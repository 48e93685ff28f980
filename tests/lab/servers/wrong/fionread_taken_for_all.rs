//! Wrong: it asks FIONREAD whether a client has sent something that is not read yet, and FIONREAD counts up to the
//! urgent mark only: at the end, what is behind the mark is lost.
//! Seen in: drains that count unread bytes; stages 4 to 8 of this course, for a while.
//! Turns red: e13_urgent_mark

use crate::echo::{Connection, Manners};
use crate::sockets::unread;

pub(super) struct FionreadTakenForAll;

impl Manners for FionreadTakenForAll {
    fn has_unread_bytes(connection: &Connection) -> bool {
        unread(&connection.stream) > 0
    }
}
