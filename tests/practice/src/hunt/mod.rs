//! A hunt: somebody else has broken a stage, and the learner knows the symptom.

mod check;
mod copy;
mod less;
mod list;
mod see;
mod start;
mod tell;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::course::{Course, files};
use crate::section::{Page, code};

pub use check::{Judged, check, judge_case, judge_case_in};
pub use copy::{lay_out, workplace};
pub use less::{Less, Refused};
pub use list::list;
pub use see::{see, watch};
pub use start::start;
pub use tell::{answer, hint};

/// The columns of a patch that is shown.
const PATCH: usize = 76;

/// How many hints a hunt has.
pub const HINTS: usize = 3;

/// A hunt, as its file describes it.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// Its number: `07`.
    pub number: String,
    /// What the user says.
    pub title: String,
    /// How hard it is, 1 to 4.
    pub level: u8,
    /// How long it takes.
    pub minutes: u32,
    /// The stage, 1 to 8.
    pub stage: u8,
    /// The fault of the zoo.
    pub fault: String,
    /// What the ticket says.
    pub ticket: String,
    /// The symptom to be seen, or the case to be written.
    pub kind: Kind,
    /// Where to look, what to count, which function.
    pub hints: Vec<String>,
    /// Why the fault does that, and where it was seen.
    pub answer: String,
}

/// What the learner is given, and has to do.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A symptom: find the fault, and mend it.
    Symptom {
        /// A script that shows it.
        script: String,
        /// What it prints with the fault.
        seen: String,
        /// What it prints without.
        expected: String,
        /// What a learner may take for the remedy.
        less: Vec<Less>,
    },
    /// The fault itself: write a case that notices it, and others of its kind.
    Case {
        /// What the case begins with.
        template: String,
        /// A fault of the same kind, which is not shown.
        second: String,
        /// A case that does.
        solution: String,
        /// What it is that a case notices the fault by, and not the second one, and the case.
        less: Vec<(String, String)>,
    },
}

impl Hunt {
    /// Reads the hunt at `path`.
    ///
    /// # Errors
    ///
    /// Returns an error that says what is missing in it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(path, &Page::read(&text)).with_context(|| path.display().to_string())
    }

    fn parse(path: &Path, page: &Page) -> anyhow::Result<Self> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let (number, _) = name.split_once('-').context("its name has no number")?;
        let block = |heading: &str| {
            let text = page.section(heading)?;
            code(text).with_context(|| format!("`## {heading}` has no code"))
        };
        let level = page.needed("Level")?.parse()?;
        let less = page.sections.iter();
        let less =
            less.filter_map(|(title, text)| Some((title.strip_prefix("Not enough: ")?, text)));
        let kind = match level {
            4 => Kind::Case {
                template: block("Template")?,
                second: page.needed("Second")?.to_owned(),
                solution: block("Solution")?,
                less: less
                    .map(|(what, text)| Some((what.to_owned(), code(text)?)))
                    .collect::<Option<_>>()
                    .context("a case that is not enough has no code")?,
            },
            _ => Kind::Symptom {
                script: block("See")?,
                seen: block("Seen")?,
                expected: block("Expected")?,
                less: less
                    .map(|(what, text)| Less::parse(what, text))
                    .collect::<anyhow::Result<_>>()?,
            },
        };
        let hints =
            (1..=HINTS).map(|number| page.section(&format!("Hint {number}")).map(str::to_owned));
        Ok(Self {
            number: number.to_owned(),
            title: page.title.clone(),
            level,
            minutes: page.needed("Minutes")?.parse()?,
            stage: page.needed("Stage")?.parse()?,
            fault: page.needed("Fault")?.to_owned(),
            ticket: page.section("Ticket")?.to_owned(),
            kind,
            hints: hints.collect::<anyhow::Result<_>>()?,
            answer: page.section("Answer")?.to_owned(),
        })
    }

    /// Returns the package of its stage.
    pub fn package(&self) -> String {
        format!("stage-0{}", self.stage)
    }

    /// Returns the folder of its stage in the workspace.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none.
    pub fn folder(&self, workspace: &Path) -> anyhow::Result<PathBuf> {
        let start = format!("0{}-", self.stage);
        for entry in fs::read_dir(workspace)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&start) {
                return Ok(entry.path());
            }
        }
        anyhow::bail!("there is no stage {}", self.stage)
    }

    /// Reads a fault of the zoo: its first sentence, where it was seen, and the patch.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system.
    pub fn read_fault(course: &Course, name: &str) -> anyhow::Result<Fault> {
        let text = course.read(&format!("tests/zoo/{name}.patch"))?;
        let (head, _) = text.split_once("\n--- ").context("no patch")?;
        let seen = head.lines().find_map(|line| line.strip_prefix("Seen in: "));
        Ok(Fault {
            what: head.lines().next().unwrap_or_default().to_owned(),
            seen_in: seen.map(str::to_owned),
            patch: text[head.len()..].trim_start().to_owned(),
        })
    }
}

/// A fault of the zoo.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What is wrong, in a sentence.
    pub what: String,
    /// Where it was seen.
    pub seen_in: Option<String>,
    /// The patch that makes it.
    pub patch: String,
}

/// Returns all hunts, in order.
///
/// # Errors
///
/// Returns the errors of [`Hunt::read`].
pub fn all(course: &Course) -> anyhow::Result<Vec<Hunt>> {
    let paths = files(&course.path("tests/practice/hunts"), "md")?;
    paths.iter().map(|path| Hunt::read(path)).collect()
}

/// Returns the hunt `number`: `07`, or `7`.
///
/// # Errors
///
/// Returns an error if there is none, and those of [`Hunt::read`].
pub fn find(course: &Course, number: &str) -> anyhow::Result<Hunt> {
    let wanted = format!("{number:0>2}");
    let found = all(course)?.into_iter().find(|hunt| hunt.number == wanted);
    found.with_context(|| format!("there is no hunt {number}: `cargo lab hunt` lists them"))
}
