//! The chapters of the course: of each its lesson, the claims that it decides, and its specimens.

pub mod ch00_sockets;
pub mod ch01_blocking;
pub mod ch02_fork;
pub mod ch03_thread;
pub mod ch04_select;
pub mod ch05_poll;
pub mod ch06_epoll_lt;
pub mod ch07_epoll_et;
pub mod ch08_mmap;

use serde::Serialize;

use crate::claims::Claim;
use crate::cli::Verdict;
use crate::lesson::Lesson;
use crate::load;
use crate::show::{Align, Cell, Document, Output, Shown, Table, Tone};
use crate::world::SpecimenMain;

/// A chapter.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// Its number, that of its stage; 0 is for what comes before the first server.
    pub number: u8,
    /// Its experiment for learners.
    pub lesson: Lesson,
    /// The statements that it decides.
    pub claims: &'static [Claim],
    /// The small programs that its experiments look at, by name.
    pub specimens: &'static [(&'static str, SpecimenMain)],
}

/// All of them, in the order of the course.
pub const CHAPTERS: [Chapter; 9] = [
    ch00_sockets::CHAPTER,
    ch01_blocking::CHAPTER,
    ch02_fork::CHAPTER,
    ch03_thread::CHAPTER,
    ch04_select::CHAPTER,
    ch05_poll::CHAPTER,
    ch06_epoll_lt::CHAPTER,
    ch07_epoll_et::CHAPTER,
    ch08_mmap::CHAPTER,
];

/// The specimens of all chapters, and those of the load generator.
pub(crate) fn specimens() -> impl Iterator<Item = (&'static str, SpecimenMain)> {
    let all = CHAPTERS.iter().flat_map(|chapter| chapter.specimens);
    all.chain(load::SPECIMENS).copied()
}

/// What there is in the lab.
#[derive(Debug, Serialize)]
struct Contents {
    lessons: Vec<(u8, &'static str)>,
    commands: Vec<(&'static str, &'static str)>,
}

/// Shows what there is, a line each, in the order of the course.
///
/// # Errors
///
/// Those of the output.
pub fn list(output: &mut Output) -> anyhow::Result<Verdict> {
    let lessons = CHAPTERS.iter();
    output.show(&Contents {
        lessons: lessons.map(|c| (c.number, c.lesson.title)).collect(),
        commands: vec![
            (
                "tour",
                "all of these, one after the other, in about a minute",
            ),
            (
                "xray 06",
                "what a stage does: its system calls, and what they cost",
            ),
            ("xray --compare 05 06 07", "the same, side by side"),
            ("claims", "43 statements that one meets on the web, decided"),
            ("matrix", "every stage against every fault: what survives"),
            (
                "scale",
                "curves: cost of an echo beside 10 … 19,000 idle clients",
            ),
            ("load ADDR", "a load generator that compares every byte"),
            ("check -- CMD {addr}", "the suite on a server of your own"),
            ("doctor", "what will not work on this machine"),
        ],
    })?;
    Ok(Verdict::AsExpected)
}

impl Shown for Contents {
    const KIND: &'static str = "contents";

    fn document(&self) -> Document {
        let mut document = Document::new("The lab: guess, run, see");
        let mut table = Table::new([("cargo lab …", Align::Left), ("", Align::Left)]);
        for (number, title) in &self.lessons {
            let command = Cell::new(Tone::Strong, format!("lesson {number:02}"));
            table.row([command, Cell::from(*title)]);
        }
        for (command, what) in &self.commands {
            table.row([Cell::new(Tone::Strong, *command), Cell::from(*what)]);
        }
        document.table(table);
        document.toned(
            Tone::Quiet,
            "Each takes --json, and --report FILE for a page with plots. \
             `cargo lab help COMMAND` says what else.",
        );
        document
    }
}
