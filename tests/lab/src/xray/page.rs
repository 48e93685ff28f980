//! The layout of an X-ray, and of several side by side.

use std::iter::once;

use serde::Serialize;

use super::{Scene, Xray};
use crate::chapters::CHAPTERS;
use crate::show::Align::{Left, Right};
use crate::show::{Cell, Document, Shown, Table, Tone, number};
use crate::world::CourseServer;

/// Several servers, side by side.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SideBySide {
    #[serde(rename = "stages")]
    pub(super) servers: Vec<Xray>,
}

/// A figure of `T`: its name, and how to get its value.
type Figure<T> = (&'static str, fn(&T) -> String);

/// A scene of an X-ray: its name above a column, its title above a table of its own, and how to get it.
type SceneOf = (&'static str, &'static str, fn(&Xray) -> &Scene);

#[rustfmt::skip]
const SCENES: [SceneOf; 3] = [
    ("an echo",      "An echo",                                     |xray| &xray.echo),
    ("an arrival",   "A client connects, and is idle",              |xray| &xray.arrival),
    ("a connection", "A client connects, has one echo, and leaves", |xray| &xray.connection),
];

/// The figures of a scene, next to its calls.
#[rustfmt::skip]
const FIGURES: [Figure<Scene>; 4] = [
    ("bytes of interest in", |scene| mean(scene.interest_bytes, scene.times)),
    ("descriptors in (S)",   |scene| mean(scene.submitted, scene.times)),
    ("events out (E)",       |scene| mean(scene.events, scene.times)),
    ("S/E",                  |scene| scene.submitted_per_event().map_or("–".to_owned(), decimal)),
];

/// The figures of a server, next to its scenes.
#[rustfmt::skip]
const COSTS: [Figure<Xray>; 3] = [
    ("voluntary switches, an echo",   |xray| mean(xray.switches.voluntary, xray.echo.times)),
    ("involuntary ones",              |xray| mean(xray.switches.involuntary, xray.echo.times)),
    ("KiB of memory, an idle client", |xray| xray.idle_bytes.map_or("–".to_owned(), kib)),
];

/// Returns a server's name for the beginning of a title or a sentence.
pub(super) fn title(server: CourseServer) -> String {
    match server.number() {
        Some(_) => format!("Stage {server}"),
        None => format!("`{server}`"),
    }
}

/// Returns the words about idle clients nearby.
pub(super) fn company(idle: usize) -> String {
    match idle {
        0 => String::new(),
        idle => format!(", next to {} idle clients", number(idle)),
    }
}

/// The meanings of the figures' names.
const LEGEND: &str = "Bytes of interest and descriptors go to the kernel: with every wait, or once, by epoll_ctl. Memory is the growth of RssAnon divided by the idle clients; a page that parent and child share counts for both. Switches are counted without the tracer. S/E is how many descriptors the kernel receives for each event that it reports. A – means there is nothing to divide by.";

impl Shown for Xray {
    const KIND: &'static str = "xray";

    fn document(&self) -> Document {
        let mut chapters = CHAPTERS.iter();
        let chapter = chapters.find(|chapter| Some(chapter.number) == self.of.number());
        let mut document = Document::new(match chapter {
            Some(chapter) => format!("X-ray of stage {} · {}", self.of, chapter.lesson.title),
            None => format!("X-ray of {}", self.of),
        });
        let company = company(self.idle);
        document.text(format!("System calls, each by its name{company}, of:"));
        let names = SCENES.map(|(name, ..)| name.to_owned());
        let scenes = SCENES.map(|(_, _, scene)| scene(self));
        document.table(calls(&names, &scenes));
        document.table(figures(table(&[String::new()]), &COSTS, &[self]));
        if let Some(fewer) = &self.fewer {
            document.toned(Tone::Warn, fewer.as_str());
        }
        document.toned(Tone::Quiet, LEGEND);
        document
    }
}

impl Shown for SideBySide {
    const KIND: &'static str = "xray-comparison";

    fn document(&self) -> Document {
        const IDLE: Figure<Xray> = ("idle clients", |xray| number(xray.idle));
        let all: Vec<&Xray> = self.servers.iter().collect();
        let names: Vec<String> = all.iter().map(|xray| xray.of.to_string()).collect();
        let mut document = Document::new("X-ray: stages side by side");
        for (_, title, scene) in SCENES {
            document.heading(title);
            let scenes: Vec<&Scene> = all.iter().copied().map(scene).collect();
            document.table(calls(&names, &scenes));
        }
        document.heading("What they cost at rest");
        let costs = figures(table(&names), &[IDLE], &all);
        document.table(figures(costs, &COSTS, &all));
        for xray in all {
            if let Some(fewer) = &xray.fewer {
                document.toned(Tone::Warn, format!("{}: {fewer}", title(xray.of)));
            }
        }
        document.toned(Tone::Quiet, LEGEND);
        document
    }
}

/// Returns a table with a column for names, followed by `columns`.
fn table(columns: &[String]) -> Table {
    let columns = columns.iter().map(|name| (name.as_str(), Right));
    Table::new(once(("", Left)).chain(columns))
}

/// Adds a row for each figure, with a value for each item.
fn figures<T>(mut table: Table, figures: &[Figure<T>], things: &[&T]) -> Table {
    for (what, value) in figures {
        let values = things.iter().copied().map(value);
        table.row(once((*what).to_owned()).chain(values));
    }
    table
}

/// Returns a table with a row for each call, then one for each figure, and a column for each scene.
fn calls(columns: &[String], scenes: &[&Scene]) -> Table {
    let mut table = table(columns);
    let mut names: Vec<&str> = Vec::new();
    for call in scenes.iter().flat_map(|scene| &scene.calls) {
        if !names.contains(&call.name) {
            names.push(call.name);
        }
    }
    for name in names {
        let counts = scenes.iter().map(|scene| match scene.count(name) {
            0 => Cell::default(),
            count => Cell::from(mean(count, scene.times)),
        });
        table.row(once(Cell::new(Tone::Strong, name)).chain(counts));
    }
    figures(table, &FIGURES, scenes)
}

/// Returns a count per time; it is whole if every time was the same.
fn mean(total: u64, times: u64) -> String {
    match total.checked_rem(times) {
        Some(0) => number(total / times),
        _ => decimal(total as f64 / times.max(1) as f64),
    }
}

fn decimal(value: f64) -> String {
    match value.fract() {
        0.0 => number(value as u64),
        _ => format!("{value:.1}"),
    }
}

fn kib(bytes: u64) -> String {
    match bytes as f64 / 1024.0 {
        kib @ ..1.0 => format!("{kib:.2}"),
        kib => format!("{kib:.1}"),
    }
}
