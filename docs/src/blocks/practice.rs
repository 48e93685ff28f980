//! The tasks and the hunts of a stage, as the practice package has them.

use std::fmt::Write;

use practice::course::Course;
use practice::{hunt, task};

use crate::workspace;

/// Returns a table of the tasks and the hunts of a stage, with their minutes.
///
/// # Errors
///
/// Returns an error if one of them cannot be read.
pub(super) fn table(stage: u8) -> anyhow::Result<String> {
    let course = Course::at(workspace());
    let mut text = String::from("\n| | minutes | |\n|---|---|---|\n");
    // Writing to a string does not fail.
    for task in task::all(&course)? {
        if task.stage() == format!("{stage:02}") {
            let _ = writeln!(
                text,
                "| task {} | {} | {} |",
                task.number, task.minutes, task.title
            );
        }
    }
    for hunt in hunt::all(&course)? {
        if hunt.stage == stage {
            let number = hunt.number.trim_start_matches('0');
            let (level, minutes, title) = (hunt.level, hunt.minutes, hunt.title);
            let _ = writeln!(
                text,
                "| hunt {number}, level {level} | {minutes} | “{title}” |"
            );
        }
    }
    text.push('\n');
    Ok(text)
}
