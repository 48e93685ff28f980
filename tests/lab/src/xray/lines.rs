//! The calls of a server, a line each.

use std::collections::HashMap;
use std::sync::mpsc::Sender;

use serde::Serialize;
use suite::profile::Worker;
use suite::{Call, Server, Tracer};

use super::in_words;
use crate::Lab;

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct CallLine {
    /// Whose it was; empty in a server that does all by itself.
    pub who: String,
    /// Its name.
    pub name: &'static str,
    /// It, in words.
    pub words: String,
}

/// News for the part that shows the calls.
pub(super) enum News {
    /// A call was made.
    Call(CallLine),
    /// Enough was seen.
    End,
}

impl News {
    /// The call, unless it is the end.
    pub(super) fn line(self) -> Option<CallLine> {
        match self {
            Self::Call(line) => Some(line),
            Self::End => None,
        }
    }
}

/// Sends the calls of a server, whose clients `worker` serves, from now on, until the tracer is dropped. Each becomes a line while its
/// thread stands still: what it has in memory is there only then.
pub(super) fn trace(
    lab: &Lab,
    worker: Worker,
    server: &Server,
    sender: Sender<News>,
) -> anyhow::Result<Tracer> {
    let pid = server.process().pid().as_raw();
    let mut names = HashMap::from([(pid, first_name(worker).to_owned())]);
    lab.trace_with(pid, move |call: &Call| {
        let known = names.len();
        let who = names.entry(call.tid).or_insert_with(|| name(worker, known));
        let line = CallLine {
            who: who.clone(),
            name: call.name(),
            words: in_words(call),
        };
        // Nobody listens any more if it is over.
        let _ = sender.send(News::Call(line));
    })
}

const fn first_name(worker: Worker) -> &'static str {
    match worker {
        Worker::Process => "parent",
        Worker::Thread => "main",
        _ => "",
    }
}

fn name(worker: Worker, number: usize) -> String {
    match worker {
        Worker::Process => format!("child {number}"),
        Worker::Thread => format!("thread {number}"),
        _ => String::new(),
    }
}
