//! How far the learner has come: a file in the learner's folder.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::store::Store;

const FILE: &str = "progress.json";

/// How far the learner has come, task by task and hunt by hunt.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The tasks that were begun, by their numbers.
    pub tasks: BTreeMap<String, Entry>,
    /// The hunts that were begun, by their numbers.
    pub hunts: BTreeMap<String, Entry>,
    /// The task that was begun last.
    pub last_task: Option<String>,
    /// The hunt that was begun last.
    pub last_hunt: Option<String>,
}

/// How far the learner has come with one of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Where it is.
    pub state: State,
    /// How many hints were shown.
    pub hints: usize,
    /// The course's own body of the function, from when the task was begun.
    pub course: String,
    /// Whether the piece was taken out.
    pub dug: bool,
    /// The name of the copy that was kept of the whole file before that.
    pub before: String,
}

/// Where a task or a hunt is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was not begun.
    #[default]
    New,
    /// It is under way.
    Open,
    /// It was solved.
    Solved,
    /// The course's answer was looked at.
    Shown,
    /// It was left for later.
    Skipped,
}

impl State {
    /// Returns the word that a list shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "",
            Self::Open => "begun",
            Self::Solved => "solved",
            Self::Shown => "shown",
            Self::Skipped => "skipped",
        }
    }
}

impl Progress {
    /// Reads it. There is no file before something was begun.
    ///
    /// # Errors
    ///
    /// Returns the errors of read(2), and an error if the file is not what [`write`](Self::write) wrote.
    pub fn read(store: &Store) -> anyhow::Result<Self> {
        let path = store.path(FILE);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            text => serde_json::from_str(&text?).with_context(|| {
                format!(
                    "{} cannot be read: mend it, or move it away",
                    path.display()
                )
            }),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::replace`].
    pub fn write(&self, store: &Store) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        store.replace(&store.path(FILE), format!("{text}\n"))
    }

    /// Returns the task that is under way.
    pub fn open_task(&self) -> Option<&str> {
        open(&self.tasks)
    }

    /// Returns how many tasks are solved.
    pub fn solved_tasks(&self) -> usize {
        let entries = self.tasks.values();
        entries.filter(|entry| entry.state == State::Solved).count()
    }

    /// Returns the hunt that is under way.
    pub fn open_hunt(&self) -> Option<&str> {
        open(&self.hunts)
    }
}

fn open(entries: &BTreeMap<String, Entry>) -> Option<&str> {
    let mut entries = entries.iter();
    entries.find_map(|(number, entry)| (entry.state == State::Open).then_some(number.as_str()))
}
