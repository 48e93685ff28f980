//! The calls as they happen.

use std::collections::HashMap;
use std::io;
use std::iter;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use suite::profile::Worker;
use suite::{Call, Server, Tracer};

use super::{acts, in_words};
use crate::Lab;
use crate::show::{Document, Output, Tone};
use crate::world::attempt;

/// What the clients say.
const WORDS: &[u8] = b"hello\n";

/// Calls are shown together if no more time than this is between them, which nobody sees;
const GAP: Duration = Duration::from_millis(30);
/// but so many at most.
const MOST_AT_ONCE: usize = 100;

/// A stage that was followed.
#[derive(Clone, Debug, Serialize)]
pub struct Followed {
    /// Its number.
    pub stage: u8,
    /// Clients that were connected meanwhile, and silent.
    pub idle: usize,
    /// What it did, part by part.
    pub parts: Vec<Part>,
}

/// What came of something that was done.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// What was done.
    pub what: String,
    /// The calls, in order of their ends.
    pub lines: Vec<Line>,
}

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Whose it was; empty in a stage that does all by itself.
    pub who: String,
    /// Its name.
    pub name: &'static str,
    /// It, in words.
    pub words: String,
}

/// What reaches whoever prints.
enum News {
    Call(Line),
    /// Enough was seen.
    End,
}

/// Follows stage `number` beside `idle` clients while a client connects, has `echoes`, and leaves.
/// `show` gets each part as soon as it is there.
///
/// # Errors
///
/// If it does not start, cannot be traced, or does not serve.
pub fn by_the_lab(
    lab: &Lab,
    number: u8,
    idle: usize,
    echoes: usize,
    mut show: impl FnMut(&Part) -> anyhow::Result<()>,
) -> anyhow::Result<Followed> {
    let (idle, _) = acts::room(&lab.stage(number)?, idle);
    let server = lab.start(number)?;
    attempt(|| {
        let crowd = acts::crowd(&server, idle);
        let (tracer, news) = trace(lab, number, &server)?;
        let mut parts = Vec::new();
        let mut part = |what: &str| {
            let lines = news.try_iter().filter_map(News::line).collect();
            let what = what.to_owned();
            let part = Part { what, lines };
            show(&part)?;
            parts.push(part);
            anyhow::Ok(())
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
        Ok(Followed {
            stage: number,
            idle,
            parts,
        })
    })?
}

/// As [`by_the_lab`], for a person.
pub(super) fn run(
    lab: &Lab,
    number: u8,
    idle: usize,
    echoes: usize,
    output: &mut Output,
) -> anyhow::Result<()> {
    output.print(opening(number))?;
    let followed = by_the_lab(lab, number, idle, echoes, |part| {
        output.print(document(part))
    })?;
    output.record("follow", &followed)
}

/// Follows stage `number` while somebody else is its client, until a line comes on standard input.
pub(super) fn by_hand(
    lab: &Lab,
    number: u8,
    idle: usize,
    output: &mut Output,
) -> anyhow::Result<()> {
    let (idle, _) = acts::room(&lab.stage(number)?, idle);
    let server = lab.start(number)?;
    let crowd = attempt(|| acts::crowd(&server, idle))?;
    let (sender, news) = mpsc::channel();
    let tracer = trace_into(lab, number, &server, sender.clone())?;
    output.print(opening(number))?;
    let (ip, port) = (server.address().ip(), server.address().port());
    eprintln!("\nTalk to {ip}:{port}, with `nc {ip} {port}`, say. Enter ends it.");
    // It ends with the program at the latest.
    thread::spawn(move || {
        // An error is an end, too.
        let _ = io::stdin().read_line(&mut String::new());
        let _ = sender.send(News::End);
    });
    let mut parts = Vec::new();
    let mut is_over = false;
    while !is_over {
        let lines = next_calls(&news, &mut is_over);
        let what = String::new();
        let part = Part { what, lines };
        output.print(document(&part))?;
        parts.push(part);
    }
    drop(tracer);
    suite::leave(crowd);
    let stage = number;
    output.record("follow", &Followed { stage, idle, parts })
}

/// Waits for a call, and gives those that come with it.
fn next_calls(news: &Receiver<News>, is_over: &mut bool) -> Vec<Line> {
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

impl News {
    fn line(self) -> Option<Line> {
        match self {
            Self::Call(line) => Some(line),
            Self::End => None,
        }
    }
}

fn trace(lab: &Lab, number: u8, server: &Server) -> anyhow::Result<(Tracer, Receiver<News>)> {
    let (sender, news) = mpsc::channel();
    let tracer = trace_into(lab, number, server, sender)?;
    Ok((tracer, news))
}

/// Each call becomes a line while its thread stands still: what it has in memory is there only then.
fn trace_into(
    lab: &Lab,
    number: u8,
    server: &Server,
    sender: Sender<News>,
) -> anyhow::Result<Tracer> {
    let worker = lab.stage(number)?.profile.worker;
    let pid = server.process().pid().as_raw();
    let mut names = HashMap::from([(pid, first_name(worker).to_owned())]);
    lab.trace_with(pid, move |call: &Call| {
        let known = names.len();
        let who = names.entry(call.tid).or_insert_with(|| name(worker, known));
        let line = Line {
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

fn opening(stage: u8) -> Document {
    Document::new(format!("Stage {stage:02}, call by call"))
}

fn document(part: &Part) -> Document {
    let mut document = Document::default();
    if !part.what.is_empty() {
        document.toned(Tone::Strong, part.what.as_str());
    }
    let width = part.lines.iter().map(|line| line.who.len()).max();
    let width = width.unwrap_or(0);
    document.lines(part.lines.iter().map(|line| match width {
        0 => line.words.clone(),
        _ => format!("{:width$}  {}", line.who, line.words),
    }));
    document
}
