//! A server from elsewhere is looked at, to find what to judge it as.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;

use anyhow::bail;
use nix::sys::signal::Signal;
use suite::{Faults, Server, Subject, with_last_words};

use super::row::ProfileRow;
use super::traits::{End, Observation, ServedBy, Traits, choose};
use crate::world::{attempt_in_time, has_to_wait, reason, soon};

/// The picture of a server that was looked at.
#[derive(Debug)]
pub(super) struct Portrait {
    /// The observations.
    pub(super) seen: Vec<Observation>,
    /// Whether it says where it listens, and takes port 0.
    pub(super) announces: bool,
    /// The row to judge it by.
    pub(super) row: ProfileRow,
    /// The chapter that explains such a server; 0 if that is unknown.
    pub(super) chapter: u8,
    /// Why.
    pub(super) why: &'static str,
}

/// Looks at a server; if it is `chosen` what to judge it as, only at how it is started.
///
/// # Errors
///
/// If it does not start, ends at once or never listens.
pub(super) fn look_at(subject: &Subject, chosen: Option<ProfileRow>) -> anyhow::Result<Portrait> {
    let mut server = start(subject)?;
    let second = match chosen {
        // There is no backend yet.
        Some(ProfileRow::Proxy) => None,
        _ => attempt_in_time(|| second_client(&server)).ok(),
    };
    let (others_wait, worker) = second.unwrap_or((false, ServedBy::Shared));
    // It has served somebody by now, so what it says at its start is said; a second is for the thread that reads it.
    let line = format!("listening on {}", server.address());
    let announces = server.line_within(1_000).trim_end() == line && takes_port_0(subject);
    drop(server);
    if let Some(row) = chosen {
        return Ok(Portrait {
            seen: Vec::new(),
            announces,
            row,
            chapter: row.profile().chapter,
            why: "that was asked for",
        });
    }
    let traits = Traits {
        announces,
        others_wait,
        worker,
        end: attempt_in_time(|| end(&subject.start())).unwrap_or(End::Otherwise),
        is_capped: !others_wait && attempt_in_time(|| is_capped(subject)).unwrap_or(false),
    };
    let (row, why) = choose(traits);
    Ok(Portrait {
        seen: traits.in_words(),
        announces,
        row,
        chapter: traits.chapter(row),
        why,
    })
}

/// Starts it, or says in a line why that cannot be done.
fn start(subject: &Subject) -> anyhow::Result<Server> {
    let (server, printed) = with_last_words(|| subject.start());
    match server {
        Ok(server) => Ok(server),
        Err(panic) => {
            let why = reason(&*panic);
            let printed = printed.first().map_or("", |words| words.printed.as_str());
            match printed.lines().rev().find(|line| !line.trim().is_empty()) {
                Some(line) => bail!("{why}; the last line on standard error: {line}"),
                None => bail!("{why}; on standard error it printed nothing"),
            }
        }
    }
}

/// Whether another client waits while one is silent, and what serves them.
fn second_client(server: &Server) -> (bool, ServedBy) {
    let process = server.process();
    let (children, threads) = (process.children().len(), process.threads().len());
    let first = server.connect();
    first.echo(b"first");
    let second = server.connect();
    second.send(b"second");
    if has_to_wait(server, &second) {
        return (true, ServedBy::Shared);
    }
    let more = |now: usize, before: usize| now >= before + 2;
    let worker = if more(process.children().len(), children) {
        ServedBy::Process
    } else if more(process.threads().len(), threads) {
        ServedBy::Thread
    } else {
        ServedBy::Shared
    };
    (false, worker)
}

/// Sees how SIGTERM ends it while bytes that a client has sent are not read yet.
fn end(server: &Server) -> End {
    let client = server.connect();
    client.echo(b"hello");
    server.stop();
    client.send(b"under way");
    server.signal(Signal::SIGTERM);
    server.go_on();
    let echoed = soon(server, || client.is_readable(0))
        && client.has_bytes()
        && client.receive_to_end().0 == b"under way";
    if !soon(server, || !server.is_alive()) {
        return End::Otherwise;
    }
    let status = server.wait();
    match (echoed, status.code(), status.signal()) {
        (true, Some(0), _) => End::Drains,
        (false, _, Some(libc::SIGTERM)) => End::Dies,
        _ => End::Otherwise,
    }
}

/// Whether of clients whose descriptors are about 1,024 some are served, and then some are turned away.
fn is_capped(subject: &Subject) -> bool {
    let faults = Faults {
        lowest_descriptor: Some(1018),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let mut inside = Vec::new();
    for _ in 0..10 {
        let client = server.connect();
        let sent = client.stream().write_all(b"in?");
        if sent.is_err() || !has_to_wait(&server, &client) && !client.has_bytes() {
            return !inside.is_empty();
        }
        inside.push(client);
    }
    false
}

/// Whether it starts when it is told port 0, and says which one it took.
fn takes_port_0(subject: &Subject) -> bool {
    let announcing = Subject {
        announces: true,
        ..subject.clone()
    };
    attempt_in_time(|| announcing.start().address().port() != 0).unwrap_or(false)
}
