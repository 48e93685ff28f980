//! Tries a task: its hole, and the solutions that are wrong.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::bench::Bench;
use crate::hole;
use crate::judge::{Built, Outcome, Programs};
use crate::patch;
use crate::source;
use crate::task::{Case, Change, Task};

/// How long to wait for what a wrong program will never do.
pub(super) const SHORT: Duration = Duration::from_secs(3);

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
    let is_plainer = |name: &str| {
        let mut plainer = task.plainer.iter();
        task.cases[0].name == name || plainer.any(|plainer| plainer == name)
    };
    let is_noticed = |case: &Case| task.wrong.iter().any(|wrong| wrong.fails == case.name);
    let mut needed = BTreeSet::new();
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
        let matters = !is_plainer(&wrong.fails) && !needed.contains(wrong.fails.as_str());
        let noticed = first_red(bench, task, &wrong.fails, matters).with_context(context);
        match &fault {
            Some(fault) => patch::apply(&bench.course.workspace, fault, true)?,
            None => bench.write(&task.file, &text)?,
        }
        match noticed? {
            Ok(red) => {
                if red.is_alone {
                    needed.insert(wrong.fails.as_str());
                }
                if stories {
                    println!("\n--- {}, {}\n{}\n", task.number, wrong.what, red.story);
                }
            }
            Err(complaint) => faults.push(format!("{}: {complaint}", wrong.what)),
        }
    }
    for case in &task.cases {
        if !is_noticed(case) {
            faults.push(format!("no wrong solution fails on {}", case.name));
        } else if !is_plainer(&case.name) && !needed.contains(case.name.as_str()) {
            faults.push(format!(
                "without {} every wrong solution is noticed as well",
                case.name
            ));
        }
    }
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

/// Tries the hole: it compiles, and turns every case red, or at least one if it is a program that runs. Returns what is not
/// so.
fn hole(bench: &Bench, task: &Task, stories: bool) -> anyhow::Result<Vec<String>> {
    let programs = match built(bench, task)? {
        Ok(programs) => programs,
        Err(errors) => return Ok(vec![format!("the hole does not compile:\n{errors}")]),
    };
    let (mut faults, mut green) = (Vec::new(), Vec::new());
    for case in &task.cases {
        match programs.run(case, SHORT, || false)? {
            Outcome::Red(story) => {
                if stories {
                    println!("\n--- {}, the hole\n{story}\n", task.number);
                }
                // A program that runs keeps to what it has learnt before. The first case that it cannot do is the one that the
                // learner sees.
                if hole::runs(task) {
                    return Ok(faults);
                }
                if !story.contains(&hole::panic(&task.number)) {
                    faults.push(format!(
                        "{} does not say that it came to the hole:\n{story}",
                        case.name
                    ));
                }
            }
            _ => green.push(&case.name),
        }
    }
    faults.extend(
        green
            .iter()
            .map(|name| format!("the hole does not turn {name} red")),
    );
    Ok(faults)
}

/// A case that a wrong solution turned red.
struct Red {
    /// What it tells.
    story: String,
    /// Whether the other cases of the task are all known to be green.
    is_alone: bool,
}

/// Runs the cases up to the first red one, which has to be `expected`, and those behind it if it `matters` whether they
/// are green.
fn first_red(
    bench: &Bench,
    task: &Task,
    expected: &str,
    matters: bool,
) -> anyhow::Result<Result<Red, String>> {
    let programs = match built(bench, task)? {
        Ok(programs) => programs,
        Err(errors) => return Ok(Err(format!("it does not compile:\n{errors}"))),
    };
    let place = task.cases.iter().position(|case| case.name == expected);
    let place = place.with_context(|| format!("{expected} is not among the cases"))?;
    for case in &task.cases[..place] {
        if let Outcome::Red(story) = programs.run(case, LONG, || false)? {
            return Ok(Err(format!(
                "{} is red before {expected}:\n{story}",
                case.name
            )));
        }
    }
    let Outcome::Red(story) = programs.run(&task.cases[place], SHORT, || false)? else {
        return Ok(Err(format!("{expected} is green")));
    };
    let mut is_alone = matters;
    for case in &task.cases[place + 1..] {
        is_alone = is_alone && programs.run(case, LONG, || false)? == Outcome::Green;
    }
    Ok(Ok(Red { story, is_alone }))
}

fn built(bench: &Bench, task: &Task) -> anyhow::Result<Result<Programs, String>> {
    Ok(match bench.build(&task.package(), &task.tests())? {
        Built::Ready(programs) => Ok(programs),
        Built::Broken(errors) => Err(errors),
    })
}
