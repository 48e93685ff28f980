//! Shows system calls as they happen.

use std::borrow::Cow;
use std::io::{self, Write};
use std::iter;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use suite::{Server, Tracer};
use textwrap::{Options, wrap};

use super::lines::{CallLine, trace};
use super::{acts, page};
use crate::Lab;
use crate::show::{Document, Tone};
use crate::world::{CourseServer, attempt};

/// The width of a call's line.
const COLUMNS: usize = 76;

/// The longest pause between calls that are shown together, because nobody would notice it,
const GAP: Duration = Duration::from_millis(30);
/// and the most calls that are shown together.
const MOST_AT_ONCE: usize = 100;

/// A server that is followed.
#[derive(Clone, Debug, Serialize)]
pub struct Followed {
    /// The server's name.
    #[serde(rename = "stage")]
    pub of: CourseServer,
    /// Silent clients connected meanwhile.
    pub idle: usize,
    /// Why they are fewer than wanted.
    pub fewer: Option<String>,
    /// The server's calls, part by part.
    pub parts: Vec<Part>,
}

/// The calls that a deed caused.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The deed; empty if the client is somebody else's.
    pub what: &'static str,
    /// The calls, in the order of their return.
    pub lines: Vec<CallLine>,
}

/// A traced server and its calls; `None` marks an end that somebody else sends.
struct Traced {
    tracer: Tracer,
    server: Server,
    calls: Receiver<Option<CallLine>>,
    end: Sender<Option<CallLine>>,
}

/// Shows the follow so far: at the start, and again with each part.
type Show<'a> = &'a mut dyn FnMut(&Followed) -> anyhow::Result<()>;

/// Adds a part: the deed and its calls.
type Add<'a> = &'a mut dyn FnMut(&'static str, Vec<CallLine>) -> anyhow::Result<()>;

/// Follows a server, next to `idle` clients, while `play` acts on it.
fn follow(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    show: Show,
    play: impl FnOnce(&Traced, Add) -> anyhow::Result<()>,
) -> anyhow::Result<Followed> {
    let subject = lab.server(of)?;
    let (idle, fewer) = acts::room(&subject, idle);
    let mut followed = Followed {
        of,
        idle,
        fewer,
        parts: Vec::new(),
    };
    show(&followed)?;
    let server = attempt(|| subject.start())?;
    let crowd = acts::crowd(&server, idle);
    let (end, calls) = mpsc::channel();
    let tracer = trace(subject.profile.worker, &server, end.clone());
    let traced = Traced {
        tracer,
        server,
        calls,
        end,
    };
    play(&traced, &mut |what, lines| {
        followed.parts.push(Part { what, lines });
        show(&followed)
    })?;
    drop(traced.tracer);
    suite::leave(crowd);
    Ok(followed)
}

/// Follows a server, next to `idle` clients, while a client connects, has `echoes`, and leaves.
///
/// # Errors
///
/// Fails if it does not start, cannot be traced, or does not serve.
pub fn by_the_lab(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    echoes: usize,
    show: Show,
) -> anyhow::Result<Followed> {
    follow(lab, of, idle, show, |traced, add| {
        let mut part = |what| add(what, traced.calls.try_iter().flatten().collect());
        let client = acts::connect(&traced.server, &traced.tracer)?;
        part("A client connects:")?;
        for _ in 0..echoes {
            acts::echo(&traced.server, &client, b"hello\n");
            part("It sends \"hello\\n\", and has it back:")?;
        }
        acts::leave(&traced.server, client);
        part("It leaves:")
    })
}

/// Follows a server with somebody else's clients, until a line comes on standard input.
pub(super) fn by_hand(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    show: Show,
) -> anyhow::Result<Followed> {
    follow(lab, of, idle, show, |traced, add| {
        let (ip, port) = (traced.server.address().ip(), traced.server.address().port());
        let how = format!("with `nc {ip} {port}`, for example. Press Enter to stop.");
        writeln!(io::stderr(), "\nTalk to {ip}:{port}, {how}")?;
        let end = traced.end.clone();
        // The thread ends with the program at the latest.
        thread::spawn(move || {
            // An error also counts as the end.
            let _ = io::stdin().read_line(&mut String::new());
            let _ = end.send(None);
        });
        let mut is_over = false;
        while !is_over {
            let first = traced.calls.recv()?;
            let later = iter::from_fn(|| traced.calls.recv_timeout(GAP).ok());
            let calls: Vec<_> = iter::once(first).chain(later).take(MOST_AT_ONCE).collect();
            is_over = calls.iter().any(Option::is_none);
            let lines: Vec<CallLine> = calls.into_iter().flatten().collect();
            if !lines.is_empty() {
                add("", lines)?;
            }
        }
        Ok(())
    })
}

/// Returns the last part, or the introduction if there is none yet.
pub(super) fn latest(followed: &Followed) -> Document {
    let mut document = match followed.parts.last() {
        Some(part) => return calls(part),
        None => Document::new(format!("{}, call by call", page::title(followed.of))),
    };
    let company = page::company(followed.idle);
    document.text(format!("Each call is shown as it returns{company}."));
    if let Some(fewer) = &followed.fewer {
        document.toned(Tone::Warn, fewer.as_str());
    }
    document
}

fn calls(part: &Part) -> Document {
    let mut document = Document::default();
    if !part.what.is_empty() {
        document.toned(Tone::Strong, part.what);
    }
    let lines = part.lines.iter();
    let width = lines.clone().map(|line| line.who.len()).max().unwrap_or(0);
    let lines = lines.map(|line| match width {
        0 => line.words.clone(),
        _ => format!("{:width$}  {}", line.who, line.words),
    });
    let options = Options::new(COLUMNS).subsequent_indent("        ");
    document.lines(lines.flat_map(|line| {
        let parts = wrap(&line, &options).into_iter();
        parts.map(Cow::into_owned).collect::<Vec<_>>()
    }));
    document
}
