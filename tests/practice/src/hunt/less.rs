//! What looks like the remedy of a hunt, and is not enough.

use anyhow::{Context, bail};

use crate::course::Course;
use crate::patch;
use crate::section::{Page, block};
use crate::source;
use crate::task::Case;

/// A change of the broken copy that looks like the remedy, and is refused.
#[derive(Clone, Debug)]
pub struct Less {
    /// What it does.
    pub what: String,
    /// The change.
    change: Change,
    /// The check that refuses it.
    pub refused: Refused,
}

#[derive(Clone, Debug)]
enum Change {
    /// Another body of a function.
    Body {
        file: String,
        function: String,
        body: String,
    },
    /// A unified diff.
    Patch(String),
}

/// The check that notices that it is not enough.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The ticket's script, which prints this.
    Script(String),
    /// A case of the stage, while the script takes it for the remedy.
    Case(Case),
}

impl Less {
    /// Reads the section `## Not enough: WHAT`.
    pub(super) fn parse(what: &str, text: &str) -> anyhow::Result<Self> {
        let page = Page::read(text);
        let change = match block(text, "diff") {
            Some(diff) => Change::Patch(diff),
            None => Change::Body {
                file: page.needed("File")?.to_owned(),
                function: page.needed("Function")?.to_owned(),
                body: block(text, "rust").context("there is neither Rust nor a diff")?,
            },
        };
        let refused = match (page.field("Fails"), block(text, "text")) {
            (Some(case), None) => Refused::Case(Case::parse(case)),
            (None, Some(printed)) => Refused::Script(printed),
            _ => bail!("{what}: either a case fails, or a text is what the script prints"),
        };
        Ok(Self {
            what: what.to_owned(),
            change,
            refused,
        })
    }

    /// Returns the files that it changes.
    pub fn files(&self) -> Vec<String> {
        match &self.change {
            Change::Body { file, .. } => vec![file.clone()],
            Change::Patch(diff) => patch::files(diff),
        }
    }

    /// Changes the broken copy of `course`.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, and an error if what it changes is not there.
    pub fn apply(&self, course: &Course) -> anyhow::Result<()> {
        match &self.change {
            Change::Body {
                file,
                function,
                body,
            } => {
                let text = course.read(file)?;
                let changed = source::with_body(&text, function, &format!("{{\n{body}}}"))?;
                crate::store::replace(&course.path(file), changed)
            }
            Change::Patch(diff) => patch::apply(&course.workspace, diff, false),
        }
    }
}
