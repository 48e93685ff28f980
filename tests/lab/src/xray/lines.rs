//! A server's calls, one line each.

use std::collections::HashMap;
use std::sync::mpsc::Sender;

use serde::Serialize;
use suite::profile::Worker;
use suite::{Call, Server, Tracer};

use super::in_words;

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct CallLine {
    /// The task that made it; empty in a server that has only one.
    pub who: String,
    /// Its name.
    pub name: &'static str,
    /// The call, in words.
    pub words: String,
}

/// Sends the calls of a server, whose clients `worker` serves, from now on until the tracer is dropped. Each becomes a
/// line while its thread is stopped, because its memory can be read only then.
pub(super) fn trace(worker: Worker, server: &Server, sender: Sender<Option<CallLine>>) -> Tracer {
    let pid = server.process().pid().as_raw();
    let mut names = HashMap::from([(pid, name(worker, 0))]);
    server.trace_with(move |call: &Call| {
        let known = names.len();
        let who = names.entry(call.tid).or_insert_with(|| name(worker, known));
        let line = CallLine {
            who: who.clone(),
            name: call.name(),
            words: in_words(call),
        };
        // Nobody listens any more once the follow is over.
        let _ = sender.send(Some(line));
    })
}

/// Returns the name of the task with this number; the first one started the others.
fn name(worker: Worker, number: usize) -> String {
    match (worker, number) {
        (Worker::Process, 0) => "parent".to_owned(),
        (Worker::Process, _) => format!("child {number}"),
        (Worker::Thread | Worker::Pool, 0) => "main".to_owned(),
        (Worker::Thread | Worker::Pool, _) => format!("thread {number}"),
        (Worker::Itself | Worker::Unknown, _) => String::new(),
    }
}
