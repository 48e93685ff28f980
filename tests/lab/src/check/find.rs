//! A server from elsewhere is looked at, to find what to judge it as.

use anyhow::{bail, ensure};
use suite::profile::{Others, Term, Worker};
use suite::{Server, Subject, with_last_words};

use super::row::ProfileRow;
use super::traits::{Observation, Traits};
use crate::probes::{Fate, crowds, ends, fate};
use crate::world::{attempt_in_time, reason};

/// The picture of a server that was looked at.
pub(super) struct Portrait {
    /// Whether it says where it listens, and takes port 0.
    pub(super) announces: bool,
    /// The row to judge it by, and why it is this one.
    pub(super) row: ProfileRow,
    pub(super) why: &'static str,
    /// The observations.
    pub(super) seen: Vec<Observation>,
}

/// Looks at a server; if it is `chosen` what to judge it as, only at how it is started. Fails if it does not
/// start, ends at once or never listens.
pub(super) fn look_at(subject: &Subject, chosen: Option<ProfileRow>) -> anyhow::Result<Portrait> {
    let is_proxy = chosen.as_ref().is_some_and(ProfileRow::is_for_proxies);
    let mut server = match is_proxy {
        true => start(&before_nobody(subject)?)?,
        false => start(subject)?,
    };
    // A proxy has no backend yet. If the row is chosen, one client is enough.
    let seen = attempt_in_time(|| match &chosen {
        Some(_) if is_proxy => None,
        Some(_) => {
            server.connect().echo(b"first");
            None
        }
        None => Some(second_client(&server)),
    });
    let (others, worker) = seen
        .ok()
        .flatten()
        .unwrap_or((Others::Served, Worker::Itself));
    // It has served somebody by now, so what it says at its start is said; the time is for the thread that reads it.
    let line = format!("listening on {}", server.address());
    let announces = server.line_within(3_000).trim_end() == line && takes_port_0(subject);
    drop(server);
    if let Some(row) = chosen {
        return Ok(Portrait {
            announces,
            row,
            why: "that was asked for",
            seen: Vec::new(),
        });
    }
    let term = attempt_in_time(|| ends::on_sigterm(subject, b"under way"));
    let is_capped = || attempt_in_time(|| crowds::value(subject).word == "shed").unwrap_or(false);
    let traits = Traits {
        announces,
        others,
        worker,
        term: term.ok().flatten().unwrap_or(Term::Any),
        is_capped: others == Others::Served && is_capped(),
    };
    let (row, why) = traits.row();
    Ok(Portrait {
        announces,
        row,
        why,
        seen: traits.in_words(),
    })
}

/// Starts it, or says in a line why that cannot be done.
fn start(subject: &Subject) -> anyhow::Result<Server> {
    let (server, printed) = with_last_words(|| subject.start());
    server.or_else(|panic| {
        let why = reason(&*panic);
        let (end, printed) = printed
            .first()
            .map_or(("", ""), |words| (&words.end, &words.printed));
        // What it is about, if it does not listen: "(busy, with 1,500 processes)".
        let state = end
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'));
        let why = state.map_or(why.clone(), |(state, _)| format!("{why}; it is {state}"));
        match printed.lines().rfind(|line| !line.trim().is_empty()) {
            Some(line) => bail!("{why}; the last line on standard error: {line}"),
            None => bail!("{why}; on standard error it printed nothing"),
        }
    })
}

/// Returns a proxy that is to connect its clients to an address where nobody listens.
fn before_nobody(proxy: &Subject) -> anyhow::Result<Subject> {
    ensure!(
        proxy.names("{backend}") || proxy.names("{backend-port}"),
        "the proxy has to be told what to connect its clients to: write {{backend}}, or {{backend-ip}} and {{backend-port}}, into its command"
    );
    Ok(proxy.before(suite::proxy::nobody()))
}

/// Returns whether another client waits while one is silent, and what serves them.
fn second_client(server: &Server) -> (Others, Worker) {
    let process = server.process();
    let (children, threads) = (process.children().len(), process.threads().len());
    let first = server.connect();
    first.echo(b"first");
    let second = server.connect();
    let others = match fate(server, &second) {
        Fate::Waits => Others::Wait,
        Fate::Served | Fate::Shed => Others::Served,
    };
    let worker = match others {
        Others::Wait => Worker::Itself,
        _ if process.children().len() >= children + 2 => Worker::Process,
        _ if process.threads().len() >= threads + 2 => Worker::Thread,
        _ => Worker::Itself,
    };
    (others, worker)
}

/// Returns whether it starts when it is told port 0, and says which one it took.
fn takes_port_0(subject: &Subject) -> bool {
    let announcing = Subject {
        announces: true,
        ..subject.clone()
    };
    attempt_in_time(|| announcing.start().address().port() != 0).unwrap_or(false)
}
