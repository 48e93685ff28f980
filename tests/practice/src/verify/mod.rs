//! Tries what no learner should be the first to try.

mod bench;
mod hunts;
mod tasks;

use crate::course::Course;

use bench::Bench;
pub(crate) use bench::copy as copy_folder;

/// Tries the tasks and hunts whose numbers begin with one of `parts`; all, if there are none. Returns how many are not
/// as they should be.
///
/// # Errors
///
/// Returns an error if one cannot be tried.
pub fn all(parts: &[String], stories: bool) -> anyhow::Result<usize> {
    let is_wanted = |number: &str| {
        parts.is_empty() || parts.iter().any(|part| number.starts_with(part.as_str()))
    };
    let course = Course::here()?;
    let bench = Bench::new(&course)?;
    let mut faults = 0;
    for task in crate::task::all(&course)? {
        if is_wanted(&task.number) {
            faults += tasks::verify(&bench, &task, stories)?;
        }
    }
    for hunt in crate::hunt::all(&course)? {
        if is_wanted(&format!("hunt{}", hunt.number)) {
            faults += hunts::verify(&bench, &hunt)?;
        }
    }
    Ok(faults)
}
