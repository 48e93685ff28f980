//! A task: a piece of a stage that the learner writes.

mod back;
mod check;
mod compare;
mod hint;
mod list;
mod open;
mod original;
mod start;
mod watch;

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::course::{Course, files};
use crate::section::{Page, code, words};

pub use back::{reset, skip, solution};
pub use check::check;
pub use compare::compare;
pub use hint::hint;
pub use list::list;
pub(crate) use original::original;
pub use start::start;
pub use watch::watch;

/// How many hints a task has.
pub const HINTS: usize = 3;

/// A task, as its file describes it.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its number: `04.2` is the second one of stage 4.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// The file that the piece is taken out of.
    pub file: String,
    /// The function whose body is the piece.
    pub function: String,
    /// For a whole step: where the loop is that it begins from.
    pub from: Option<Origin>,
    /// What stands in the hole instead of `todo!()`, if the task has code of its own to begin with.
    pub begin: Option<String>,
    /// The cases that judge it, in the order in which they are run.
    pub cases: Vec<Case>,
    /// Those that later ones imply, and that are there because their story is plainer. The first one always may be.
    pub plainer: Vec<String>,
    /// What to build.
    pub build: String,
    /// From the idea to nearly the code.
    pub hints: Vec<String>,
    /// What differs from the course's code, as a rule, and why.
    pub compare: String,
    /// Programs that are wrong in a way that is usual.
    pub wrong: Vec<Wrong>,
}

/// The function that a whole step begins from, and what it needs to compile in its new place.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The file of the stage before.
    pub file: String,
    /// The function in it.
    pub function: String,
    /// `use` declarations.
    pub uses: String,
    /// Items of the same file that come with it.
    pub items: Vec<String>,
}

/// A case that judges: a test, and the program that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The stage's test program: `echo`, or another one.
    pub test: String,
    /// Its name in there.
    pub name: String,
}

/// A solution that is wrong in a way that is usual, and the case that notices it.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// What is wrong.
    pub what: String,
    /// The only one of the task's cases that fails.
    pub fails: String,
    /// What to put in the place of the course's code.
    pub change: Change,
}

/// A change of the course's code.
#[derive(Clone, Debug)]
pub enum Change {
    /// Another body of the task's function.
    Body(String),
    /// A fault of the zoo, by its name.
    Fault(String),
}

impl Task {
    /// Reads the task at `path`.
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
        let hints = (1..=HINTS).map(|number| page.section(&format!("Hint {number}")));
        let hints = hints.collect::<anyhow::Result<Vec<_>>>()?;
        let wrong = page.sections.iter();
        let wrong =
            wrong.filter_map(|(heading, text)| Some((heading.strip_prefix("Wrong: ")?, text)));
        let wrong = wrong.map(|(what, text)| Wrong::parse(what, text));
        Ok(Self {
            number: number.to_owned(),
            title: page.title.clone(),
            minutes: page.needed("Minutes")?.parse()?,
            file: page.needed("File")?.to_owned(),
            function: page.needed("Function")?.to_owned(),
            from: Origin::parse(page)?,
            begin: page.section("Begin").ok().and_then(code),
            cases: words(page.needed("Judged by")?)
                .iter()
                .map(|word| Case::parse(word))
                .collect(),
            plainer: words(page.field("Plainer").unwrap_or_default()),
            build: page.section("Build")?.to_owned(),
            hints: hints.into_iter().map(str::to_owned).collect(),
            compare: page.section("Compare")?.to_owned(),
            wrong: wrong.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Returns the package of its stage.
    pub fn package(&self) -> String {
        format!("stage-{}", self.stage())
    }

    /// Returns the two digits of its stage.
    pub fn stage(&self) -> &str {
        self.number.split('.').next().unwrap_or_default()
    }

    /// Returns the test programs of its stage that its cases are in.
    pub fn tests(&self) -> Vec<String> {
        let mut tests: Vec<String> = self.cases.iter().map(|case| case.test.clone()).collect();
        tests.sort();
        tests.dedup();
        tests
    }
}

impl Origin {
    fn parse(page: &Page) -> anyhow::Result<Option<Self>> {
        let Some(from) = page.field("Begins from") else {
            return Ok(None);
        };
        let (file, function) = from
            .split_once(' ')
            .context("`Begins from: ` is a file and a function")?;
        Ok(Some(Self {
            file: file.to_owned(),
            function: function.to_owned(),
            uses: page.field("Needs").unwrap_or_default().to_owned(),
            items: words(page.field("Brings").unwrap_or_default()),
        }))
    }
}

impl Case {
    /// Reads `e04_half_close`, a case of the echo suite, or `tokens/NAME`, one of another test program.
    pub fn parse(word: &str) -> Self {
        let (test, name) = word.split_once('/').unwrap_or(("echo", word));
        Self {
            test: test.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl Wrong {
    fn parse(what: &str, text: &str) -> anyhow::Result<Self> {
        let page = Page::read(text);
        let change = match page.field("Patch") {
            Some(fault) => Change::Fault(fault.to_owned()),
            None => Change::Body(
                code(text).with_context(|| format!("{what}: neither a patch nor code"))?,
            ),
        };
        Ok(Self {
            what: what.to_owned(),
            fails: page
                .needed("Fails")
                .with_context(|| what.to_owned())?
                .to_owned(),
            change,
        })
    }
}

/// Returns all tasks, in the order of the course.
///
/// # Errors
///
/// Returns the errors of [`Task::read`].
pub fn all(course: &Course) -> anyhow::Result<Vec<Task>> {
    let paths = files(&course.path("tests/practice/tasks"), "md")?;
    paths.iter().map(|path| Task::read(path)).collect()
}

/// Returns the task `number`: `04.2`, or `4.2`.
///
/// # Errors
///
/// Returns an error if there is none, and those of [`Task::read`].
pub fn find(course: &Course, number: &str) -> anyhow::Result<Task> {
    let wanted = format!("{number:0>4}");
    let found = all(course)?.into_iter().find(|task| task.number == wanted);
    found.with_context(|| format!("there is no task {number}: `cargo lab task` lists them"))
}
