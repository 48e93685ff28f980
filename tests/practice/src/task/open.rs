//! The task that is under way, and its file.

use std::fs;
use std::io::ErrorKind;

use anyhow::Context;

use super::{Task, find};
use crate::course::Course;
use crate::git;
use crate::hole;
use crate::progress::{Entry, Progress};
use crate::source;
use crate::store::{Lock, create_folder};
use crate::talk::Talk;

/// The task that is under way, and how far it is.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) task: Task,
    pub(super) progress: Progress,
    /// Present if something is to be changed.
    _lock: Option<Lock>,
}

impl Open {
    /// Finds it, for a command that changes nothing.
    pub(super) fn look(course: &Course) -> anyhow::Result<Self> {
        Self::find(course, None)
    }

    /// Finds it, and keeps other commands from changing anything.
    pub(super) fn change(course: &Course) -> anyhow::Result<Self> {
        Self::find(course, Some(course.store.lock()?))
    }

    fn find(course: &Course, lock: Option<Lock>) -> anyhow::Result<Self> {
        let progress = Progress::read(&course.store)?;
        let number = progress.open_task().or(progress.last_task.as_deref());
        let number = number.context("no task is under way: `cargo lab task` lists them")?;
        Ok(Self {
            task: find(course, number)?,
            progress,
            _lock: lock,
        })
    }

    pub(super) fn entry(&mut self) -> &mut Entry {
        self.progress
            .tasks
            .entry(self.task.number.clone())
            .or_default()
    }

    /// Returns the learner's body of the function, as it is in the file now.
    pub(super) fn body(&self, course: &Course) -> anyhow::Result<String> {
        let text = course.read(&self.task.file)?;
        let range =
            source::body(&text, &self.task.function).with_context(|| self.task.file.clone())?;
        Ok(text[range].to_owned())
    }

    /// Returns whether the course's own code is in the file, and nothing of the learner's.
    pub(super) fn has_course_body(&mut self, course: &Course) -> bool {
        self.body(course)
            .is_ok_and(|body| body == self.entry().course)
    }

    /// Keeps the file as it is, and puts the course's code back into its function.
    pub(super) fn fill_in(&mut self, course: &Course) -> anyhow::Result<Kept> {
        let body = self.entry().course.clone();
        self.rewrite(course, |task, text| {
            source::with_body(text, &task.function, &body)
        })
    }

    /// Keeps the file as it is, and makes the hole again.
    pub(super) fn dig(&mut self, course: &Course) -> anyhow::Result<Kept> {
        self.rewrite(course, |task, text| hole::dug(course, task, text))
    }

    /// Keeps the file, and changes it. If it is gone, or is no Rust, the change is made to the file as it was before the
    /// task.
    fn rewrite(
        &mut self,
        course: &Course,
        change: impl Fn(&Task, &str) -> anyhow::Result<String>,
    ) -> anyhow::Result<Kept> {
        let task = self.task.clone();
        let path = course.path(&task.file);
        let present = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            bytes => Some(bytes.with_context(|| format!("cannot read {}", task.file))?),
        };
        let keep = |bytes: &Vec<u8>| course.store.keep(&task.number, &path, bytes);
        let kept = present.as_ref().map(keep).transpose()?;
        let text = present.and_then(|bytes| String::from_utf8(bytes).ok());
        let changed = text.and_then(|text| change(&task, &text).ok());
        let is_whole = changed.is_none();
        let changed = match changed {
            Some(changed) => changed,
            None => change(&task, &self.before(course)?)?,
        };
        create_folder(path.parent().unwrap_or(&path))?;
        course.store.replace(&path, &changed)?;
        Ok(Kept {
            path: kept.map(|path| course.shown(&path)),
            is_whole,
        })
    }

    /// Reads the file as it was before the task.
    fn before(&mut self, course: &Course) -> anyhow::Result<String> {
        let before = self.entry().before.clone();
        let kept = fs::read_to_string(course.path(&before)).ok();
        let file = &self.task.file;
        kept.filter(|_| !before.is_empty())
            .or_else(|| git::committed(&course.workspace, file))
            .with_context(|| {
                format!("{file} is no Rust any more, and there is no older one: mend it, and repeat this")
            })
    }
}

/// What was done with the file that something else took the place of.
#[derive(Debug)]
pub(super) struct Kept {
    /// Where it is now, from the top of the checkout. None if it was gone.
    pub(super) path: Option<String>,
    /// Whether all of the file was replaced, and not only the function.
    is_whole: bool,
}

impl Kept {
    /// Says where the learner's code is.
    pub(super) fn say(&self, file: &str, talk: &mut Talk) {
        talk.fact("kept", self.path.as_deref());
        if self.is_whole {
            let was = match self.path {
                Some(_) => "could not be read as Rust",
                None => "was gone",
            };
            talk.text(format!(
                "{file} {was}, so the rest of it is now as it was before the task."
            ));
        }
        if let Some(path) = &self.path {
            talk.text(format!("What you wrote is kept in {path}."));
        }
    }
}
