//! The command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitCode, exit};
use std::{env, io, panic};

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::show::{Ending, Format, Output};
use crate::world::{self, Changes, Lab, attempt, interrupt};
use crate::{
    chapters, check, claims, class, contents, doctor, hunt, lesson, load, matrix, scale, task,
    tour, xray,
};

/// The lab of the course: every claim is an experiment that you can run.
#[derive(Debug, Parser)]
#[command(
    name = "cargo lab",
    bin_name = "cargo lab",
    version,
    max_term_width = 80
)]
struct Arguments {
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
    /// Write the results and their plots to a page of HTML, or to JSON if the file's name ends in .json
    #[arg(long, global = true, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

use Command::*;

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the first step of every lesson, without questions, in a few seconds
    Tour,
    /// Run the experiments of a chapter, 00 to 08: guess first, then see
    Lesson(lesson::LessonOptions),
    /// Show what a stage does: system calls, descriptors, memory
    Xray(xray::XrayOptions),
    /// Try every stage against every fault, and draw a heat map
    Matrix(matrix::MatrixOptions),
    /// Decide the 43 statements of the course: what is true, and how you can tell
    Claims(claims::ClaimsOptions),
    /// Measure what a wake-up and an echo cost, from 10 to 19,000 idle clients
    Scale(scale::ScaleOptions),
    /// Put a load on an echo server: latency, CPU time, and every byte compared
    Load(load::LoadOptions),
    /// Judge any server, in any language, with the echo suite
    Check(check::CheckOptions),
    /// Judge what a whole class has handed in: a table, and a page for each learner
    Class(class::ClassOptions),
    /// Write a piece of a stage yourself, and have the suite judge it
    Task(task::TaskOptions),
    /// Find what somebody else broke, starting from the symptom
    Hunt(hunt::HuntOptions),
    /// List what will not work on this machine, and what to do about it
    Doctor(doctor::Options),
    /// Run one of the small programs that experiments look at
    #[command(hide = true)]
    Specimen {
        name: String,
        arguments: Vec<String>,
    },
}

/// Runs the whole program. Returns exit code 0 if everything was as expected, 1 if something was not or could not be
/// tried, 2 for bad arguments, and 130 after an interruption.
pub fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| bad_arguments(error));
    // Returns whether the command depends on the sources of the stages.
    let is_about_stages = match arguments.command {
        None | Some(Check(_) | Class(_) | Doctor(_) | Load(_) | Task(_) | Hunt(_)) => false,
        Some(_) => true,
    };
    let outcome = run(arguments);
    interrupt::leave_to_it();
    match outcome {
        Ok(Ending::AsExpected) => return ExitCode::SUCCESS,
        // The reader of the output has read enough: `cargo lab claims | head`.
        Err(error) if is_broken_pipe(&error) => return ExitCode::SUCCESS,
        Ok(Ending::NotAsExpected) => {}
        Err(error) => complain(&format!("{error:#}")),
    }
    if is_about_stages && let Some(question) = Changes::here().question() {
        complain(&question);
    }
    ExitCode::FAILURE
}

/// Prints a line to standard error, if standard error takes it.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "lab: {line}");
}

/// Ends the program with a message about its arguments, and what was probably meant.
fn bad_arguments(error: clap::Error) -> ! {
    let is_incomplete = error.kind() == ErrorKind::MissingRequiredArgument;
    let words: Vec<String> = env::args().skip(1).collect();
    let advice = match words.first().map(String::as_str) {
        Some("check") if is_incomplete => {
            let server = words.iter().rfind(|word| word.contains('/'));
            let server = server.map_or("./my-server", String::as_str);
            format!("Did you forget `--`? cargo lab check -- {server} {{addr}}")
        }
        Some("xray") if is_incomplete => "For example: cargo lab xray 06".to_owned(),
        _ => exit(print_help_or(&error)),
    };
    let _ = error.print();
    let _ = writeln!(io::stderr(), "\n{advice}");
    exit(error.exit_code());
}

/// Prints clap's message: help, the version, or an error. Returns the exit code: 1 if help or version could not be
/// printed. A reader that leaves early is no failure.
fn print_help_or(error: &clap::Error) -> i32 {
    match error.print() {
        Err(failed) if !error.use_stderr() && failed.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("cannot print: {failed}"));
            1
        }
        _ => error.exit_code(),
    }
}

/// Parses `words`, which follow `cargo lab`, and runs nothing.
///
/// # Errors
///
/// Returns clap's error if they are wrong.
pub fn check<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), clap::Error> {
    Arguments::try_parse_from(["lab"].into_iter().chain(words)).map(drop)
}

fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    if let Some(Specimen { name, arguments }) = &arguments.command {
        return run_specimen(name, arguments);
    }
    interrupt::clean_up_on_signals()?;
    // A panic of the suite is reported as an error.
    panic::set_hook(Box::new(|_| ()));
    let lab = Lab::new(env::current_exe().context("cannot find the lab's own program")?);
    let format = if arguments.json {
        Format::Json
    } else {
        Format::Text
    };
    let mut output = Output::new(format, arguments.report);
    let ending = attempt(|| match arguments.command {
        None => contents::list(&Arguments::command(), &mut output),
        Some(Tour) => tour::run(&lab, &mut output),
        Some(Lesson(options)) => lesson::run(&lab, options, &mut output),
        Some(Xray(options)) => xray::run(&lab, options, &mut output),
        Some(Matrix(options)) => matrix::run(&lab, options, &mut output),
        Some(Claims(options)) => claims::run(&lab, options, &mut output),
        Some(Scale(options)) => scale::run(&lab, options, &mut output),
        Some(Load(options)) => load::run(&lab, options, &mut output),
        Some(Check(options)) => check::run(&lab, options, &mut output),
        Some(Class(options)) => class::run(&lab, options, &mut output),
        Some(Hunt(options)) => hunt::run(options, &mut output),
        Some(Task(options)) => task::run(options, &mut output),
        Some(Doctor(options)) => doctor::run(&lab, &options, &mut output),
        Some(Specimen { name, arguments }) => run_specimen(&name, &arguments),
    });
    // Even if the rest could not be done.
    output.finish()?;
    ending?
}

/// Runs a specimen: this process was started as one.
fn run_specimen(name: &str, arguments: &[String]) -> anyhow::Result<Ending> {
    let mut all = chapters::specimens().chain(world::SPECIMENS.iter().copied());
    let found = all.find(|(known, _)| *known == name);
    let (_, main) = found.with_context(|| format!("there is no specimen `{name}`"))?;
    main(arguments).map(|()| Ending::AsExpected)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
