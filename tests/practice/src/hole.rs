//! A hole: what takes the place of a function's body while the learner writes it.

use anyhow::Context;

use crate::course::Course;
use crate::source;
use crate::task::{Origin, Task};

/// Returns what the task's file is with the hole in it.
///
/// # Errors
///
/// Returns the errors of [`source::body`], and of reading the files.
pub fn dug(course: &Course, task: &Task, text: &str) -> anyhow::Result<String> {
    source::with_body(text, &task.function, &body(course, task, text)?)
}

/// Returns whether the hole is code that runs, and no `todo!()`.
pub const fn runs(task: &Task) -> bool {
    task.from.is_some() || task.begin.is_some()
}

/// Returns the hole itself: `todo!()`, the loop of the stage before, or code of the task's own.
fn body(course: &Course, task: &Task, text: &str) -> anyhow::Result<String> {
    let number = &task.number;
    if let Some(origin) = &task.from {
        return step(course, number, origin);
    }
    if let Some(begin) = &task.begin {
        return Ok(format!(
            "{{\n    {} what you begin with.\n{begin}}}",
            first_line(number)
        ));
    }
    let range = source::body(text, &task.function)?;
    let indent = source::indent(text, range.start);
    Ok(format!(
        "{{\n{indent}    // `cargo lab task check` judges what you write here.\n{indent}    {}\n{indent}}}",
        mark(number, is_const(&text[..range.start], &task.function))
    ))
}

/// Returns the call that stands in a hole. If the server comes to it, the panic names the task. In a `const fn` it is
/// what `todo!` expands to, because its text may be no argument there.
fn mark(number: &str, is_const: bool) -> String {
    match is_const {
        true => format!("panic!(\"{}\")", panic(number)),
        false => todo(number),
    }
}

/// Returns whether the function whose body follows is a `const fn`.
fn is_const(before: &str, function: &str) -> bool {
    let name = function.rsplit("::").next().unwrap_or(function);
    let signature = before.rfind(&format!("fn {name}")).unwrap_or(0);
    before[..signature].ends_with("const ")
}

/// Returns the usual [`mark`].
fn todo(number: &str) -> String {
    format!("todo!(\"task {number}\")")
}

/// Returns whether the hole of a task is in `text`, as it was made.
pub fn is_in(text: &str, number: &str) -> bool {
    let begins = [todo(number), panic(number), first_line(number)];
    begins.iter().any(|begin| text.contains(begin))
}

/// Returns how the first line of a hole begins that is code to begin with.
fn first_line(number: &str) -> String {
    format!("// Task {number}: this is")
}

/// Returns what the panic of [`mark`] says.
pub fn panic(number: &str) -> String {
    format!("not yet implemented: task {number}")
}

/// Returns the body of the step before, with what it needs in its new place.
fn step(course: &Course, number: &str, origin: &Origin) -> anyhow::Result<String> {
    let text = course.read(&origin.file)?;
    let context = || format!("in {}", origin.file);
    let before = source::body(&text, &origin.function).with_context(context)?;
    let before = text[before].trim_start_matches('{').trim_end_matches('}');
    let mut parts = vec![format!(
        "    {} `{}` of {}, as it is there now. Make it this stage's own.",
        first_line(number),
        origin.function,
        origin.file
    )];
    if !origin.uses.is_empty() {
        parts.push(format!("    {}", origin.uses));
    }
    for name in &origin.items {
        parts.push(source::items(&text, name).with_context(context)?);
    }
    Ok(format!("{{\n{}\n{before}}}", parts.join("\n")))
}
