//! The calls as they happen.

use std::borrow::Cow;
use std::io::{self, Write};
use std::iter;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use suite::Subject;
use textwrap::{Options, wrap};

use super::lines::{CallLine, News, trace};
use super::{acts, page};
use crate::Lab;
use crate::show::{Document, Output, Tone};
use crate::world::{CourseServer, attempt};

/// The words of the lab's client.
const WORDS: &[u8] = b"hello\n";

/// The columns of a line for a call.
const COLUMNS: usize = 76;

/// Calls are shown together if no more time than this is between them, which nobody sees;
const GAP: Duration = Duration::from_millis(30);
/// but so many at most.
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

impl Followed {
    fn new(of: CourseServer, subject: &Subject, idle: usize) -> Self {
        let (idle, fewer) = acts::room(subject, idle);
        Self {
            of,
            idle,
            fewer,
            parts: Vec::new(),
        }
    }
}

/// Follows a server beside `idle` clients while a client connects, has `echoes`, and leaves. `show` gets
/// what there is so far: at first, and then with each part.
///
/// # Errors
///
/// If it does not start, cannot be traced, or does not serve.
pub fn by_the_lab(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    echoes: usize,
    mut show: impl FnMut(&Followed) -> anyhow::Result<()>,
) -> anyhow::Result<Followed> {
    let subject = lab.server(of)?;
    let mut followed = Followed::new(of, &subject, idle);
    show(&followed)?;
    let server = attempt(|| subject.start())?;
    let crowd = acts::crowd(&server, followed.idle);
    let (sender, news) = mpsc::channel();
    let tracer = trace(lab, subject.profile.worker, &server, sender)?;
    let mut part = |what| {
        let lines = news.try_iter().filter_map(News::line).collect();
        followed.parts.push(Part { what, lines });
        show(&followed)
    };
    let client = acts::connect(&server, &tracer)?;
    part("A client connects:")?;
    for _ in 0..echoes {
        acts::echo(&server, &client, WORDS);
        part("It sends \"hello\\n\", and has it back:")?;
    }
    acts::leave(&server, client);
    part("It leaves:")?;
    suite::leave(crowd);
    Ok(followed)
}

/// As [`by_the_lab`], for a person.
pub(super) fn run(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    echoes: usize,
    output: &mut Output,
) -> anyhow::Result<()> {
    let followed = by_the_lab(lab, of, idle, echoes, |followed| {
        output.print(latest(followed))
    })?;
    output.record("follow", &followed)
}

/// Follows a server while somebody else is its client, until a line comes on standard input.
pub(super) fn by_hand(
    lab: &Lab,
    of: CourseServer,
    idle: usize,
    output: &mut Output,
) -> anyhow::Result<()> {
    let subject = lab.server(of)?;
    let mut followed = Followed::new(of, &subject, idle);
    output.print(latest(&followed))?;
    let server = attempt(|| subject.start())?;
    let crowd = acts::crowd(&server, followed.idle);
    let (sender, news) = mpsc::channel();
    let tracer = trace(lab, subject.profile.worker, &server, sender.clone())?;
    let (ip, port) = (server.address().ip(), server.address().port());
    let invitation =
        format!("Talk to {ip}:{port}, with `nc {ip} {port}`, for example. Press Enter to stop.");
    writeln!(io::stderr(), "\n{invitation}")?;
    // It ends with the program at the latest.
    thread::spawn(move || {
        // An error is an end, too.
        let _ = io::stdin().read_line(&mut String::new());
        let _ = sender.send(News::End);
    });
    let mut is_over = false;
    while !is_over {
        let (what, lines) = ("", next_calls(&news, &mut is_over));
        if !lines.is_empty() {
            followed.parts.push(Part { what, lines });
            output.print(latest(&followed))?;
        }
    }
    drop(tracer);
    suite::leave(crowd);
    output.record("follow", &followed)
}

/// Waits for a call, and gives those that come with it.
fn next_calls(news: &Receiver<News>, is_over: &mut bool) -> Vec<CallLine> {
    let first = news.recv().unwrap_or(News::End);
    let later = iter::from_fn(|| news.recv_timeout(GAP).ok());
    let mut lines = Vec::new();
    for news in iter::once(first).chain(later).take(MOST_AT_ONCE) {
        match news.line() {
            Some(line) => lines.push(line),
            None => *is_over = true,
        }
    }
    lines
}

/// The last part; before there is one, what it is about.
fn latest(followed: &Followed) -> Document {
    match followed.parts.last() {
        Some(part) => calls(part),
        None => opening(followed),
    }
}

fn opening(followed: &Followed) -> Document {
    let mut document = Document::new(format!("{}, call by call", page::title(followed.of)));
    let beside = page::beside(followed.idle);
    document.text(format!("Each call is shown as it returns{beside}."));
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
    let width = part.lines.iter().map(|line| line.who.len()).max();
    let width = width.unwrap_or(0);
    let lines = part.lines.iter().map(|line| match width {
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
