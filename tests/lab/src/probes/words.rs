//! The words for what happens to a server and its clients.

use crate::show::Tone::{self, Bad, Good, Warn};

/// Each word with its tone for those who need the server, and its meaning.
#[rustfmt::skip]
pub(crate) const WORDS: [(&str, Tone, &str); 30] = [
    ("served", Good, "the client in question gets its echo at once"),
    ("waits",  Bad,  "it is connected, but not answered until the client before it has left"),
    ("shed",   Warn, "it is turned away, by EOF; the server goes on"),
    ("one",    Good, "the client concerned is gone, and nobody else"),
    ("all",    Bad,  "every client is gone"),
    ("whole",  Good, "every byte comes back"),
    ("cut",    Bad,  "bytes are lost"),
    ("mixed",  Bad,  "the urgent byte appears in the stream"),
    ("sent",   Good, "it leaves at once"),
    ("held",   Bad,  "it waits for an acknowledgement, up to 40 ms"),
    ("lost",   Bad,  "clients that were connected get nothing but a reset"),
    ("leaks",  Bad,  "something of the client is left behind"),
    ("queue",  Good, "a client that does not fit waits, and is let in when another leaves"),
    ("turns",  Good, "clients take turns, so the limit is never reached"),
    ("rests",  Good, "it sleeps until there is something to do"),
    ("spins",  Bad,  "it keeps a CPU core busy with nothing"),
    ("stuck",  Bad,  "a waiting client is not let in when there is room again"),
    ("lives",  Good, "it goes on"),
    ("dies",   Bad,  "it ends; what was under way is lost"),
    ("blocks", Bad,  "it stands still until somebody reads its log"),
    ("parent", Warn, "the parent dies, its children serve their clients to the end"),
    ("drains", Good, "it echoes what has arrived, then it ends"),
    ("first",  Warn, "the first signal has ended it already"),
    ("ends",   Good, "it ends at once"),
    ("stays",  Bad,  "it does not end"),
    ("back",   Good, "it listens on the same port at once"),
    ("taken",  Bad,  "its port is in use, by its own old connections"),
    ("no end", Bad,  "it takes everything that is sent: its memory has no bound"),
    ("K",      Tone::Plain, "KiB"),
    (UNSEEN,   Bad,  "this could not be seen: `--fault NAME` says why"),
];

/// The word for a cell that the lab could not see.
pub(crate) const UNSEEN: &str = "?";
