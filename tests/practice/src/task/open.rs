//! The task that is under way, and its file.

use std::path::PathBuf;

use anyhow::Context;

use super::{Task, find};
use crate::course::Course;
use crate::hole;
use crate::progress::{Entry, Progress};
use crate::source;
use crate::store::{Lock, replace};

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

    /// Keeps the file as it is, and puts the course's code back into its function. Returns where the old file is kept.
    pub(super) fn fill_in(&mut self, course: &Course) -> anyhow::Result<PathBuf> {
        let body = self.entry().course.clone();
        self.rewrite(course, |task, text| {
            source::with_body(text, &task.function, &body)
        })
    }

    /// Keeps the file as it is, and makes the hole again. Returns where the old file is kept.
    pub(super) fn dig(&mut self, course: &Course) -> anyhow::Result<PathBuf> {
        self.rewrite(course, |task, text| hole::dug(course, task, text))
    }

    fn rewrite(
        &self,
        course: &Course,
        change: impl Fn(&Task, &str) -> anyhow::Result<String>,
    ) -> anyhow::Result<PathBuf> {
        let task = &self.task;
        let path = course.path(&task.file);
        let text = course.read(&task.file)?;
        let kept = course.store.keep(&task.number, &path, &text)?;
        let changed = change(task, &text).with_context(|| {
            format!(
                "`{}` is not to be found in {}: mend the file first (a copy of it is {})",
                task.function,
                task.file,
                course.shown(&kept)
            )
        })?;
        replace(&path, &changed)?;
        Ok(kept)
    }
}
