//! Tries what no learner should be the first to try.

mod bench;
mod hunts;
mod tasks;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context;

use crate::course::Course;

use bench::Bench;
pub(crate) use bench::copy as copy_folder;

/// One of several processes that try all of it.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Which one.
    pub share: usize,
    /// Of how many.
    pub of: usize,
}

/// Forgets what has been tried, and compiles what all processes need, before the first one begins.
///
/// # Errors
///
/// Returns the errors of the file system, and an error if the course does not compile.
pub fn begin() -> anyhow::Result<()> {
    let course = Course::here()?;
    match fs::remove_dir_all(claims(&course)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    bench::judges(&course).map(drop)
}

/// Tries the tasks and hunts whose numbers begin with one of `parts`; all, if there are none. Leaves out what another
/// process has begun. Returns how many are not as they should be.
///
/// # Errors
///
/// Returns an error if one cannot be tried.
pub fn all(parts: &[String], stories: bool, share: Share) -> anyhow::Result<usize> {
    let course = Course::here()?;
    let (tasks, hunts) = (crate::task::all(&course)?, crate::hunt::all(&course)?);
    let mut work: Vec<Work> = tasks.iter().map(Work::Task).collect();
    work.extend(hunts.iter().map(Work::Hunt));
    work.retain(|work| {
        let is_it = |part: &String| work.number().starts_with(part.as_str());
        parts.is_empty() || parts.iter().any(is_it)
    });
    // Each begins elsewhere, because neighbours are of one stage: what one of them needs compiled, the next one needs.
    let begin = work.len() * share.share / share.of;
    work.rotate_left(begin);
    let bench = Bench::new(&course, share.share)?;
    let mut faults = 0;
    for work in work {
        if claim(&course, &work.number())? {
            faults += match work {
                Work::Task(task) => tasks::verify(&bench, task, stories)?,
                Work::Hunt(hunt) => hunts::verify(&bench, hunt, stories)?,
            };
        }
    }
    Ok(faults)
}

/// Something to be tried.
enum Work<'a> {
    Task(&'a crate::task::Task),
    Hunt(&'a crate::hunt::Hunt),
}

impl Work<'_> {
    fn number(&self) -> String {
        match self {
            Self::Task(task) => task.number.clone(),
            Self::Hunt(hunt) => format!("hunt{}", hunt.number),
        }
    }
}

fn claims(course: &Course) -> PathBuf {
    course.path("target/practice/claims")
}

/// Returns whether no other process has begun with this one.
fn claim(course: &Course, number: &str) -> anyhow::Result<bool> {
    let folder = claims(course);
    crate::store::create_folder(&folder)?;
    match File::create_new(folder.join(number)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        created => created.map(|_| true).context(number.to_owned()),
    }
}
