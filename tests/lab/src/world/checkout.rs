//! The stages' sources, compared with the last commit.

use std::path::Path;
use std::process::{Command, Stdio};

use practice::course::Course;
use practice::progress::Progress;
use practice::task::{self, Task};
use suite::workspace;

/// What is different about the stages' sources.
#[derive(Debug, Default)]
pub struct Changes {
    /// The task that is open, if its file is changed.
    pub open: Option<Task>,
    /// Files that hold what the learner wrote for other tasks.
    pub written: Vec<String>,
    /// Files that no task explains.
    pub others: Vec<String>,
}

impl Changes {
    /// Compares the stages of a checkout with its last commit. Nothing is changed if git cannot say.
    pub fn find(course: &Course) -> Self {
        // Where that cannot be read, `cargo lab task` says so.
        let progress = Progress::read(&course.store).unwrap_or_default();
        let tasks = task::all(course).unwrap_or_default();
        let mut changes = Self::default();
        for file in changed_sources(&course.workspace) {
            let begun =
                |task: &&Task| task.file == file && progress.tasks.contains_key(&task.number);
            let is_open = |task: &&Task| progress.open_task() == Some(&task.number);
            let mut begun = tasks.iter().filter(begun);
            match begun.clone().find(is_open) {
                Some(task) => changes.open = Some(task.clone()),
                None if begun.next().is_some() => changes.written.push(file),
                None => changes.others.push(file),
            }
        }
        changes
    }

    /// Looks at the checkout that this program was built from.
    pub(crate) fn here() -> Self {
        Self::find(&Course::at(workspace()))
    }

    /// Returns a line about what is most likely to be the reason if something is not as it should be; none if nothing is
    /// changed.
    pub fn question(&self) -> Option<String> {
        if let Some(Task { number, file, .. }) = &self.open {
            return Some(format!(
                "task {number} is open, so a piece of {file} is missing: write it, or put the course's back with \
                 `cargo lab task solution`"
            ));
        }
        if let [first, others @ ..] = &self.others[..] {
            let folder = first.split('/').next().unwrap_or(first);
            let others = match others.len() {
                0 => String::new(),
                1 => ", and one more file".to_owned(),
                others => format!(", and {others} more files"),
            };
            return Some(format!(
                "{first} is changed{others}: a break not undone? `git diff` shows it, `git restore {folder}` undoes it"
            ));
        }
        let file = self.written.first()?;
        Some(format!(
            "{file} holds what you wrote for a task: `git diff {file}` shows how it differs from the course's code"
        ))
    }
}

/// Returns the source files of the stages that differ from the last commit, as git names them.
fn changed_sources(workspace: &Path) -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(workspace).stdin(Stdio::null());
    git.args(["status", "--porcelain", "--untracked-files=no", "--"]);
    git.args((1..=8).map(|stage| format!(":(top,glob)0{stage}-*/**/src/**")));
    let Ok(output) = git.output() else {
        return Vec::new();
    };
    let lines = String::from_utf8_lossy(&output.stdout);
    let names = lines.lines().filter_map(|line| line.get(3..));
    names.map(str::to_owned).collect()
}
