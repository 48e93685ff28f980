//! Tries a task: its hole, and the solutions that are wrong.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::bench::Bench;
use crate::hole;
use crate::judge::{Built, Outcome, Programs, build};
use crate::patch;
use crate::source;
use crate::task::{Case, Change, Task};

/// How long to wait for what a wrong program will never do.
const SHORT: Duration = Duration::from_secs(3);

/// How long to wait for what a program will do, however busy the machine is.
const LONG: Duration = Duration::from_secs(30);

/// Tries a task. Returns how much of it is not as it should be.
pub(super) fn verify(bench: &Bench, task: &Task, stories: bool) -> anyhow::Result<usize> {
    let begun = Instant::now();
    let text = bench.course.read(&task.file)?;
    let mut faults = Vec::new();
    bench.write(&task.file, &hole::dug(&bench.course, task, &text)?)?;
    faults
        .extend(hole(bench, task, stories).with_context(|| format!("{}: the hole", task.number))?);
    bench.write(&task.file, &text)?;
    for wrong in &task.wrong {
        let fault = match &wrong.change {
            Change::Body(body) => {
                let body = format!("{{\n{body}}}");
                bench.write(
                    &task.file,
                    &source::with_body(&text, &task.function, &body)?,
                )?;
                None
            }
            Change::Fault(name) => {
                let fault = bench.course.read(&format!("tests/zoo/{name}.patch"))?;
                patch::apply(&bench.course.workspace, &fault, false)
                    .with_context(|| name.clone())?;
                Some(fault)
            }
        };
        let context = || format!("{}, {}", task.number, wrong.what);
        let noticed = first_red(bench, task, &wrong.fails).with_context(context);
        match &fault {
            Some(fault) => patch::apply(&bench.course.workspace, fault, true)?,
            None => bench.write(&task.file, &text)?,
        }
        match noticed? {
            Ok(story) if stories => println!("\n--- {}, {}\n{story}\n", task.number, wrong.what),
            Ok(_) => {}
            Err(complaint) => faults.push(format!("{}: {complaint}", wrong.what)),
        }
    }
    let is_first_for = |case: &&Case| !task.wrong.iter().any(|wrong| wrong.fails == case.name);
    faults.extend(
        task.cases
            .iter()
            .find(is_first_for)
            .map(|case| format!("no wrong solution needs {}", case.name)),
    );
    if task.wrong.len() < 2 {
        faults.push("there are fewer than two wrong solutions".to_owned());
    }
    let seconds = begun.elapsed().as_secs_f64();
    let verdict = if faults.is_empty() { "good" } else { "BAD" };
    println!(
        "{verdict:<5}{}  {seconds:>5.1} s  {}",
        task.number, task.title
    );
    for fault in &faults {
        println!("     {}", fault.replace('\n', "\n       "));
    }
    Ok(faults.len())
}

/// Tries the hole: it compiles, and turns every case red; the first one, if it is a program that runs. Returns what is not so.
fn hole(bench: &Bench, task: &Task, stories: bool) -> anyhow::Result<Vec<String>> {
    let programs = match built(bench, task)? {
        Ok(programs) => programs,
        Err(errors) => return Ok(vec![format!("the hole does not compile:\n{errors}")]),
    };
    let mut faults = Vec::new();
    for case in &task.cases {
        match programs.run(case, SHORT, || false)? {
            Outcome::Red(story) => {
                if stories {
                    println!("\n--- {}, the hole\n{story}\n", task.number);
                }
                let says_so = hole::runs(task) || story.contains(&hole::panic(&task.number));
                if !says_so {
                    faults.push(format!(
                        "{} does not say that it came to the hole:\n{story}",
                        case.name
                    ));
                }
            }
            // A program that runs keeps to what it has learnt before. It is the first case that it cannot do.
            _ if hole::runs(task) && *case != task.cases[0] => {}
            _ => faults.push(format!("the hole does not turn {} red", case.name)),
        }
    }
    Ok(faults)
}

/// Runs the cases up to the first red one, which has to be `expected`. Returns what it tells.
fn first_red(bench: &Bench, task: &Task, expected: &str) -> anyhow::Result<Result<String, String>> {
    let programs = match built(bench, task)? {
        Ok(programs) => programs,
        Err(errors) => return Ok(Err(format!("it does not compile:\n{errors}"))),
    };
    ensure!(
        task.cases.iter().any(|case| case.name == expected),
        "{expected} is not among the cases"
    );
    for case in &task.cases {
        let is_it = case.name == expected;
        let patience = if is_it { SHORT } else { LONG };
        match programs.run(case, patience, || false)? {
            Outcome::Red(story) if is_it => return Ok(Ok(story)),
            Outcome::Red(story) => {
                return Ok(Err(format!(
                    "{} is red before {expected}:\n{story}",
                    case.name
                )));
            }
            _ if is_it => return Ok(Err(format!("{expected} is green"))),
            _ => {}
        }
    }
    Ok(Err(format!("{expected} was not run")))
}

fn built(bench: &Bench, task: &Task) -> anyhow::Result<Result<Programs, String>> {
    Ok(
        match build(&bench.course, &task.package(), &task.tests())? {
            Built::Ready(programs) => Ok(programs),
            Built::Broken(errors) => Err(errors),
        },
    )
}
