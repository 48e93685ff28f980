//! `cargo lab hunt`: the door to the hunts of [`practice`].

use clap::{Args, Subcommand};
use practice::course::Course;
use practice::hunt;

use crate::show::{Ending, Output};
use crate::task::speak;

/// The arguments of `cargo lab hunt`.
#[derive(Debug, Args)]
pub(crate) struct HuntOptions {
    #[command(subcommand)]
    action: Option<HuntAction>,
}

#[derive(Debug, Subcommand)]
enum HuntAction {
    /// List the hunts by level, with their minutes and state (the default)
    List,
    /// Make a broken copy and show the ticket: hunt 7, or the next one
    Start {
        /// Name the hunt by its number
        number: Option<String>,
    },
    /// Run the ticket's script against your copy
    See,
    /// Check that the symptom is gone and the stage's suite is green
    Check,
    /// Show one more hint
    Hint,
    /// Show the fault, how it causes the symptom, and where it was seen
    Answer,
}

/// Runs the command.
pub(crate) fn run(options: HuntOptions, output: &mut Output) -> anyhow::Result<Ending> {
    speak("hunt", output, |talk| {
        let course = Course::here()?;
        match options.action.unwrap_or(HuntAction::List) {
            HuntAction::List => hunt::list(&course, talk),
            HuntAction::Start { number } => hunt::start(&course, number.as_deref(), talk),
            HuntAction::See => hunt::see(&course, talk),
            HuntAction::Check => hunt::check(&course, talk),
            HuntAction::Hint => hunt::hint(&course, talk),
            HuntAction::Answer => hunt::answer(&course, talk),
        }
    })
}
