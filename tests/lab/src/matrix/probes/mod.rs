//! How to see what becomes of a server: each probe starts it, does one thing to it, and says what happened. It
//! expects nothing; what it cannot see, it panics of.

pub(super) mod crowds;
pub(super) mod ends;
pub(super) mod others;
pub(super) mod resets;
pub(super) mod shortages;
pub(super) mod surprises;
pub(super) mod workers;

use std::io::Write;

use serde::Serialize;
use suite::{Client, Server};

use crate::show::Tone;
use crate::world::{attempt, has_to_wait, soon};

/// The event, in a word and in a sentence.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// In a word, or a number: six columns at most.
    pub word: String,
    /// Its tone for those who need the server.
    #[serde(skip)]
    pub tone: Tone,
    /// In a sentence.
    pub sentence: String,
}

impl Found {
    /// A word, what it is to the clients, and a sentence about it.
    pub fn new(word: impl Into<String>, tone: Tone, sentence: impl Into<String>) -> Self {
        Self {
            word: word.into(),
            tone,
            sentence: sentence.into(),
        }
    }
}

/// The other client gets its echo.
fn served(sentence: impl Into<String>) -> Found {
    Found::new("served", Tone::Good, sentence)
}

/// The fate of a client that sends while another one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Served,
    /// EOF or a reset.
    Shed,
    Waits,
}

/// Has `client` send, and sees what becomes of it.
fn fate(server: &Server, client: &Client) -> Fate {
    match client.stream().write_all(b"in?") {
        Err(_) => Fate::Shed,
        Ok(()) if has_to_wait(server, client) => Fate::Waits,
        Ok(()) if client.has_bytes() => Fate::Served,
        Ok(()) => Fate::Shed,
    }
}

/// Whether a client that has sent `length` bytes gets as many.
fn is_answered(client: &Client, length: usize) -> bool {
    attempt(|| client.receive(length)).is_ok_and(|bytes| bytes.len() == length)
}

/// Whether a client's bytes come back.
fn is_well(client: &Client) -> bool {
    client.stream().write_all(b"well?").is_ok() && is_answered(client, 5)
}
