//! `cargo lab tour`: the whole course in a few seconds.

mod summary;

use anyhow::Context;
use serde_json::json;

use crate::Lab;
use crate::chapters::CHAPTERS;
use crate::lesson::{Seen, closing, judge, opening};
use crate::show::{Document, Ending, Output, Reader, Tone, progress_bar};
use crate::world::attempt;

use summary::Summary;

/// The introduction for a newcomer, before the first lesson.
const BEGINNING: &str = "\
A server sends back what its clients send: an echo, the smallest thing that a server can do. It is written eight times here, and only one thing changes: how the server waits. A call such as read \
puts its caller to sleep until there is something to read. That is fine for one client. With ten thousand, of \
whom nearly all are silent at any moment, the question is who sleeps where, and how much it costs to find the few clients that have something to say. Each lesson starts a real server, does something to it, and counts what the kernel saw: system calls, bytes, processes, pages. Nothing depends on how fast this machine is.";

/// The conclusion. The table above it has the counts.
const END: &str = "\
That is why epoll exists. A task for each client (02, 03) is simple, but every client, even a silent one, costs a stack, page tables or a whole process. One task for all of them (04, 05) makes a silent client nearly free. But the program has to hand the kernel its whole list at each wake-up, and the kernel has to look at every entry: the work for one message grows with the number of silent clients. epoll (06, 07) leaves the list in the kernel. Arriving data puts a connection on a second list, the list of ready ones, and the program asks for that list only. \
One message costs the same next to ten clients and next to ten thousand.";

/// Runs the first step of every lesson, in order, and puts the stages side by side. If something cannot run here, does
/// the rest, and then fails.
pub(crate) fn run(lab: &Lab, output: &mut Output) -> anyhow::Result<Ending> {
    let mut beginning = Document::new("One echo, eight servers: a tour");
    beginning.text(BEGINNING);
    output.print(beginning)?;
    let mut reader = Reader::of(output);
    reader.turn_to("the first lesson", output)?;
    let progress = progress_bar(CHAPTERS.len() + 1);
    let mut stops = Vec::new();
    for chapter in CHAPTERS.iter() {
        progress.set_message(chapter.lesson.title);
        let first = chapter.lesson.steps.first();
        let first = first.with_context(|| format!("lesson {:02} has no steps", chapter.number))?;
        let seen = Seen::of(lab, first);
        progress.inc(1);
        progress.suspend(|| {
            output.print(opening(chapter))?;
            output.print(seen.document())?;
            output.print(closing(chapter))?;
            let next = match chapter.number {
                8 => "all stages side by side",
                _ => "the next lesson",
            };
            reader.turn_to(next, output)
        })?;
        stops.push((chapter.number, seen));
    }
    progress.set_message("all of them, side by side");
    let summary = attempt(|| Summary::of(lab)).and_then(|summary| summary);
    drop(progress);
    if let Ok(summary) = &summary {
        output.print(summary.document())?;
    }
    output.print(ending())?;
    let verdict = judge(stops.iter().map(|(_, seen)| seen));
    let stops = stops.iter();
    let stops = stops.map(|(chapter, seen)| json!({ "chapter": chapter, "seen": seen }));
    let stops: Vec<_> = stops.collect();
    let result = json!({ "stops": stops, "summary": summary.as_ref().ok() });
    output.record("tour", &result)?;
    let verdict = verdict?;
    summary.context("the stages side by side")?;
    Ok(verdict)
}

fn ending() -> Document {
    let mut document = Document::default();
    document.text(END);
    document.toned(
        Tone::Quiet,
        "Now take the lessons one at a time, with a guess before each: `cargo lab lesson 00`. See the curves up to 19,000 clients: `cargo lab scale`. Write these servers yourself, a piece at a time: `cargo lab task`.",
    );
    document
}
