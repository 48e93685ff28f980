//! Probes show what happens to a server: each starts it, does one thing to it, and returns what happened. A probe
//! expects nothing, and panics if it cannot observe something.

pub(crate) mod crowds;
pub(crate) mod ends;
pub(crate) mod others;
pub(crate) mod resets;
pub(crate) mod shortages;
pub(crate) mod surprises;
mod words;
pub(crate) mod workers;

use std::ffi::OsString;
use std::io::Write;

use anyhow::ensure;
use serde::Serialize;
use suite::{Client, Faults, Server, Subject};

use crate::show::Tone;
use crate::world::{attempt, has_to_wait, soon};
pub(crate) use words::{UNSEEN, WORDS};

/// What happens to a server, in a word and in a sentence.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// A word of the legend, or a number: six columns at most.
    pub word: String,
    /// Its tone for anyone who depends on the server.
    #[serde(skip)]
    pub tone: Tone,
    /// The sentence.
    pub sentence: String,
}

impl Found {
    /// Returns the fate in a tone other than its word's.
    pub(crate) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// Returns the fate of a server, written as `word: sentence`.
pub(crate) fn found(text: impl AsRef<str>) -> Found {
    let (word, sentence) = text.as_ref().split_once(": ").unwrap_or_default();
    let known = WORDS.iter().find(|(known, ..)| *known == word);
    Found {
        word: word.to_owned(),
        tone: known.map_or(Tone::Plain, |(_, tone, _)| *tone),
        sentence: sentence.to_owned(),
    }
}

/// Returns a foreign server, about which nothing is known yet. Fails if `command` does not say where the server should
/// listen.
pub(crate) fn foreign(command: Vec<OsString>) -> anyhow::Result<Subject> {
    let subject = Subject::foreign(command);
    ensure!(
        subject.names("{addr}") || subject.names("{port}"),
        "the command does not tell the server where to listen: put {{addr}}, or {{ip}} and {{port}}, into it"
    );
    Ok(subject)
}

/// Starts a server under the faults that `set` sets.
fn start_under(subject: &Subject, set: impl FnOnce(&mut Faults)) -> Server {
    let mut faults = Faults::default();
    set(&mut faults);
    subject.start_with(&faults)
}

/// What happens to a client that sends while another is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    /// EOF or a reset.
    Shed,
    Waits,
}

/// Has `client` send, and returns what happens to it.
pub(crate) fn fate(server: &Server, client: &Client) -> Fate {
    match client.stream().write_all(b"in?") {
        Err(_) => Fate::Shed,
        Ok(()) if has_to_wait(server, client) => Fate::Waits,
        Ok(()) if client.has_bytes() => Fate::Served,
        Ok(()) => Fate::Shed,
    }
}

/// Returns whether a client gets back all `length` bytes it has sent.
fn is_answered(client: &Client, length: usize) -> bool {
    attempt(|| client.receive(length)).is_ok_and(|bytes| bytes.len() == length)
}

/// Returns whether a client's bytes come back.
fn is_well(client: &Client) -> bool {
    client.stream().write_all(b"well?").is_ok() && is_answered(client, 5)
}

/// Returns whether `server` ends.
fn has_ended(server: &Server) -> bool {
    soon(server, || !server.is_alive())
}
