//! How it looks.

use serde::Serialize;

use super::{Scene, Xray};
use crate::chapters::CHAPTERS;
use crate::show::{Align, Cell, Document, Shown, Table, Tone, number};
use crate::world::CourseServer;

/// Several servers, side by side.
#[derive(Clone, Debug, Serialize)]
pub struct SideBySide {
    /// From left to right.
    #[serde(rename = "stages")]
    pub servers: Vec<Xray>,
}

/// A figure of something: its name, and how it is had.
type Figure<T> = (&'static str, fn(&T) -> String);

/// A scene of an X-ray: its name for a column, that for a table of its own, and how it is had.
type SceneOf = (&'static str, &'static str, fn(&Xray) -> &Scene);

const SCENES: [SceneOf; 3] = [
    ("an echo", "An echo", |xray| &xray.echo),
    ("an arrival", "A client connects, and is idle", |xray| {
        &xray.arrival
    }),
    (
        "a connection",
        "A client connects, has one echo, and leaves",
        |xray| &xray.connection,
    ),
];

/// The figures of a scene, next to its calls.
const FIGURES: [Figure<Scene>; 4] = [
    ("bytes of interest in", |scene| {
        mean(scene.interest_bytes, scene.times)
    }),
    ("descriptors in (S)", |scene| {
        mean(scene.submitted, scene.times)
    }),
    ("events out (E)", |scene| mean(scene.events, scene.times)),
    ("S/E", |scene| {
        let ratio = scene.submitted_per_event();
        ratio.map_or("–".to_owned(), decimal)
    }),
];

/// The figures of a server, next to its scenes.
const COSTS: [Figure<Xray>; 3] = [
    ("voluntary switches, an echo", |xray| {
        mean(xray.switches.voluntary, xray.echo.times)
    }),
    ("involuntary ones", |xray| {
        mean(xray.switches.involuntary, xray.echo.times)
    }),
    ("KiB of memory, an idle client", |xray| {
        let kib = xray.idle_bytes.map(|bytes| bytes as f64 / 1024.0);
        kib.map_or("–".to_owned(), |kib| match kib {
            ..1.0 => format!("{kib:.2}"),
            _ => format!("{kib:.1}"),
        })
    }),
];

/// What a server is called where a title or a sentence begins.
pub(super) fn title(server: CourseServer) -> String {
    match server.number() {
        Some(_) => format!("Stage {server}"),
        None => format!("`{server}`"),
    }
}

/// In whose company something happens.
pub(super) fn beside(idle: usize) -> String {
    match idle {
        0 => String::new(),
        idle => format!(", beside {} idle clients", number(idle as u64)),
    }
}

/// The meanings of the figures' names.
const LEGEND: &str = "Bytes of interest and descriptors are handed to the kernel: by waits, each time \
                      anew, and by epoll_ctl, once. Memory is RssAnon, its growth over all idle \
                      clients; a page that parent and child share counts for both. Switches are \
                      counted without the tracer. S/E is how many descriptors the kernel is handed \
                      for each event that it reports. A – stands where there is nothing to divide.";

impl Shown for Xray {
    const KIND: &'static str = "xray";

    fn document(&self) -> Document {
        let mut chapters = CHAPTERS.iter();
        let chapter = chapters.find(|chapter| Some(chapter.number) == self.of.number());
        let mut document = Document::new(match chapter {
            Some(chapter) => format!("X-ray of stage {} · {}", self.of, chapter.lesson.title),
            None => format!("X-ray of {}", self.of),
        });
        let beside = beside(self.idle);
        document.text(format!("System calls, each by its name{beside}, of:"));
        document.table(self.table());
        document.table(self.costs());
        if let Some(fewer) = &self.fewer {
            document.toned(Tone::Warn, fewer.as_str());
        }
        document.toned(Tone::Quiet, LEGEND);
        document
    }
}

impl Xray {
    /// A column for each scene.
    fn table(&self) -> Table {
        let scenes = SCENES.map(|(_, _, scene)| scene(self));
        let columns = SCENES.map(|(name, ..)| (name, Align::Right));
        table(&columns, &scenes)
    }

    fn costs(&self) -> Table {
        let mut table = Table::new([("", Align::Left), ("", Align::Right)]);
        for (what, value) in COSTS {
            table.row([what.to_owned(), value(self)]);
        }
        table
    }
}

impl Shown for SideBySide {
    const KIND: &'static str = "xray-comparison";

    fn document(&self) -> Document {
        let columns: Vec<_> = self.servers.iter().map(column).collect();
        let mut document = Document::new("X-ray: stages side by side");
        let mut costs = Table::new(columns_of("", &columns));
        costs.row(row("idle clients", &self.servers, |xray| {
            number(xray.idle as u64)
        }));
        for (what, value) in COSTS {
            costs.row(row(what, &self.servers, value));
        }
        for (_, title, scene) in SCENES {
            document.heading(title);
            let scenes: Vec<_> = self.servers.iter().map(scene).collect();
            document.table(table(&columns, &scenes));
        }
        document.heading("Beside them");
        document.table(costs);
        for xray in &self.servers {
            if let Some(fewer) = &xray.fewer {
                document.toned(Tone::Warn, format!("{}: {fewer}", title(xray.of)));
            }
        }
        document.toned(Tone::Quiet, LEGEND);
        document
    }
}

fn column(xray: &Xray) -> (String, Align) {
    (xray.of.to_string(), Align::Right)
}

fn columns_of<S: Clone + Into<String>>(
    first: &str,
    columns: &[(S, Align)],
) -> impl IntoIterator<Item = (String, Align)> {
    let columns = columns
        .iter()
        .map(|(name, align)| (name.clone().into(), *align));
    std::iter::once((first.to_owned(), Align::Left)).chain(columns)
}

fn row(what: &str, servers: &[Xray], value: impl Fn(&Xray) -> String) -> Vec<String> {
    let values = servers.iter().map(value);
    std::iter::once(what.to_owned()).chain(values).collect()
}

/// A row for each call, then one for each figure; a column for each scene.
fn table<S: Clone + Into<String>>(columns: &[(S, Align)], scenes: &[&Scene]) -> Table {
    let mut table = Table::new(columns_of("", columns));
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
        table.row(std::iter::once(Cell::new(Tone::Strong, name)).chain(counts));
    }
    for (what, figure) in FIGURES {
        let figures = scenes.iter().map(|scene| Cell::from(figure(scene)));
        table.row(std::iter::once(Cell::from(what)).chain(figures));
    }
    table
}

/// A count for one time. It is whole if it was the same each time.
fn mean(total: u64, times: u64) -> String {
    match total.checked_rem(times) {
        Some(0) => number(total / times),
        _ => decimal(total as f64 / times.max(1) as f64),
    }
}

fn decimal(value: f64) -> String {
    match value.fract() == 0.0 {
        true => number(value as u64),
        false => format!("{value:.1}"),
    }
}
