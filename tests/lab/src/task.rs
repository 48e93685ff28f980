//! `cargo lab task`: the door to the tasks of [`practice`].

use clap::{Args, Subcommand};
use practice::course::Course;
use practice::talk::{Talk, Tone as Said};
use practice::task;

use crate::show::{Ending, Line, Output, Tone};

/// The arguments of `cargo lab task`.
#[derive(Debug, Args)]
pub(crate) struct TaskOptions {
    #[command(subcommand)]
    action: Option<TaskAction>,
}

#[derive(Debug, Subcommand)]
enum TaskAction {
    /// List the tasks, with their minutes and state (the default)
    List,
    /// Take the piece out: task 04.2, or the next one
    Start {
        /// Name the task by its number
        number: Option<String>,
        /// Start even though the file has uncommitted changes
        #[arg(long)]
        anyway: bool,
    },
    /// Build, and run the cases that judge it, up to the first red one
    Check {
        /// Judge again at each save, until it is solved
        #[arg(long)]
        watch: bool,
    },
    /// Show one more hint
    Hint,
    /// Show your code next to the course's, with the system calls of both
    Compare,
    /// Put the course's code back, and keep yours
    Solution,
    /// Leave the task for later, and keep what you wrote
    Skip,
    /// Start the task afresh, and keep what you wrote
    Reset,
}

/// Runs the command.
pub(crate) fn run(options: TaskOptions, output: &mut Output) -> anyhow::Result<Ending> {
    speak("task", output, |talk| {
        let course = Course::here()?;
        match options.action.unwrap_or(TaskAction::List) {
            TaskAction::List => task::list(&course, talk),
            TaskAction::Start { number, anyway } => {
                task::start(&course, number.as_deref(), anyway, talk)
            }
            TaskAction::Check { watch: false } => task::check(&course, talk),
            TaskAction::Check { watch: true } => task::watch(&course, talk),
            TaskAction::Hint => task::hint(&course, talk),
            TaskAction::Compare => task::compare(&course, talk),
            TaskAction::Solution => task::solution(&course, talk),
            TaskAction::Skip => task::skip(&course, talk),
            TaskAction::Reset => task::reset(&course, talk),
        }
    })
}

/// Shows a command's words to a person at once, and to a program at the end.
pub(crate) fn speak(
    kind: &str,
    output: &mut Output,
    command: impl FnOnce(&mut Talk) -> anyhow::Result<bool>,
) -> anyhow::Result<Ending> {
    let mut printed = Ok(());
    let mut show = |tone: Said, text: &str| {
        if printed.is_ok() {
            printed = output.say(vec![line(tone, text)]);
        }
    };
    let mut talk = Talk::new(&mut show);
    let done = command(&mut talk);
    let facts = talk.facts();
    printed?;
    output.record(kind, &facts)?;
    done.map(Ending::from)
}

fn line(tone: Said, text: &str) -> Line {
    let tone = match tone {
        Said::Plain => Tone::Plain,
        Said::Strong => Tone::Strong,
        Said::Good => Tone::Good,
        Said::Bad => Tone::Bad,
    };
    let indent = text.len() - text.trim_start().len();
    Line::new(indent, tone, text.trim_start())
}
