//! The calls as they happen.

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

/// The columns of a line for a call.
const COLUMNS: usize = 76;

/// The pause between calls up to which they are shown together, because nobody sees it,
const GAP: Duration = Duration::from_millis(30);
/// and the most that are shown together.
const MOST_AT_ONCE: usize = 100;

/// A server that is followed.
#[derive(Clone, Debug, Serialize)]
pub struct Followed {
    /// Which it is.
    #[serde(rename = "stage")]
    pub of: CourseServer,
    /// Clients that are connected meanwhile, and silent.
    pub idle: usize,
    /// Why they are fewer than wanted.
    pub fewer: Option<String>,
    /// The calls that it made, part by part.
    pub parts: Vec<Part>,
}

/// The calls that came of something that was done.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The deed; empty if somebody else did it.
    pub what: &'static str,
    /// The calls, in the order in which they returned.
    pub lines: Vec<CallLine>,
}

/// A server under trace, and its calls; `None` stands for an end that somebody else sends.
struct Traced {
    tracer: Tracer,
    server: Server,
    calls: Receiver<Option<CallLine>>,
    end: Sender<Option<CallLine>>,
}

/// Shows what there is so far: at first, and then with each part.
type Show<'a> = &'a mut dyn FnMut(&Followed) -> anyhow::Result<()>;

/// Adds a part: what was done, and the calls.
type Add<'a> = &'a mut dyn FnMut(&'static str, Vec<CallLine>) -> anyhow::Result<()>;

/// Follows a server next to `idle` clients while `play` does something to it.
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
    let tracer = trace(lab, subject.profile.worker, &server, end.clone())?;
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

/// Follows a server next to `idle` clients while a client connects, has `echoes`, and leaves.
///
/// # Errors
///
/// If it does not start, cannot be traced, or does not serve.
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

/// Follows a server while somebody else is its client, until a line comes on standard input.
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
        // It ends with the program at the latest.
        thread::spawn(move || {
            // An error is an end, too.
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

/// Returns the last part; before there is one, what it is about.
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
