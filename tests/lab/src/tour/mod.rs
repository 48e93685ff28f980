//! `cargo lab tour`: the whole course in a minute.

mod summary;

use anyhow::Context;
use serde::Serialize;

use crate::Lab;
use crate::chapters::CHAPTERS;
use crate::lesson::{Seen, closing, judge, opening};
use crate::show::{Document, Ending, Output, Progress, Shown, Tone};
use crate::world::attempt;

use summary::Summary;

/// The words for a newcomer before the first lesson.
const BEGINNING: &str = "\
A server sends back what its clients send: an echo, the smallest thing that a server can do. It is \
written eight times here, and what changes is one thing only: how the server waits. A call such as read \
puts its caller to sleep until there is something to read. That is fine for one client. With ten thousand, of \
whom nearly all are silent at any moment, the question is who sleeps where, and what it costs to find \
the few that have something to say. Each lesson starts a real server, does something to it, and counts what \
the kernel saw: system calls, bytes, processes, pages. Nothing depends on how fast this machine is.";

/// The conclusion; the table above it has the counts.
const END: &str = "\
That is why epoll exists. To have a task for each client (02, 03) is simple, and costs every client a \
stack, page tables or a whole process of its own, also those that only sleep. One task for all (04, 05) \
costs nearly nothing for a silent client, but the program has to hand the kernel its whole list at each wake-up, \
and the kernel has to look at every entry: the work for one message grows with the number of those \
who say nothing. epoll (06, 07) leaves the list in the kernel. The arrival of data puts a \
connection on a second list, of those that are ready; the program asks for that list only. \
One message costs the same next to ten clients and next to ten thousand.";

/// Runs the first step of every lesson, in order, and puts the stages side by side. Fails after all that can be done, if
/// something cannot be done here.
pub(crate) fn run(lab: &Lab, output: &mut Output) -> anyhow::Result<Ending> {
    let mut beginning = Document::new("One echo, eight servers: a tour");
    beginning.text(BEGINNING);
    output.print(beginning)?;
    let progress = Progress::new(CHAPTERS.len() + 1);
    let mut stops = Vec::new();
    for chapter in CHAPTERS.iter() {
        progress.step(chapter.lesson.title);
        let first = chapter.lesson.steps.first();
        let first = first.with_context(|| format!("lesson {:02} has no steps", chapter.number))?;
        let seen = Seen::of(lab, first);
        progress.done();
        progress.aside(|| {
            output.print(opening(chapter))?;
            output.print(seen.document())?;
            output.print(closing(chapter))
        })?;
        let chapter = chapter.number;
        stops.push(Stop { chapter, seen });
    }
    progress.step("all of them, side by side");
    let summary = attempt(|| Summary::of(lab)).and_then(|summary| summary);
    drop(progress);
    if let Ok(summary) = &summary {
        output.print(summary.document())?;
    }
    output.print(ending())?;
    let verdict = judge(stops.iter().map(|stop| &stop.seen));
    let (summary, failure) = match summary {
        Ok(summary) => (Some(summary), None),
        Err(error) => (None, Some(error)),
    };
    output.record("tour", &Tour { stops, summary })?;
    match failure {
        Some(error) if verdict.is_ok() => Err(error.context("the stages side by side")),
        _ => verdict,
    }
}

/// The lessons on the way, and the summary.
#[derive(Debug, Serialize)]
struct Tour {
    stops: Vec<Stop>,
    summary: Option<Summary>,
}

/// A lesson, in passing.
#[derive(Debug, Serialize)]
struct Stop {
    chapter: u8,
    seen: Seen,
}

fn ending() -> Document {
    let mut document = Document::default();
    document.text(END);
    document.toned(
        Tone::Quiet,
        "Now one at a time, with a guess before each: `cargo lab lesson 00`. The curves up to 19,000 \
         clients: `cargo lab scale`. To write these servers yourself, a piece at a time: `cargo lab task`.",
    );
    document
}
