//! Tries a hunt: its symptom is there on the fault and not on the course's stage; its case catches what it has to.

use std::slice;
use std::time::Instant;

use anyhow::Context;

use super::bench::Bench;
use super::tasks::SHORT;
use crate::hunt::{Hunt, Judged, Kind, Less, Scene, judge_case, watch_symptom};
use crate::judge::{Built, Outcome, build};
use crate::patch;
use crate::source;
use crate::task::Case;

/// Tries a hunt. Returns how much of it is not as it should be.
pub(super) fn verify(bench: &Bench, hunt: &Hunt) -> anyhow::Result<usize> {
    let begun = Instant::now();
    let mut faults = Vec::new();
    let fault = Hunt::read_fault(&bench.course, &hunt.fault)?;
    match &hunt.kind {
        Kind::Symptom {
            script,
            seen,
            expected,
        } => {
            faults.extend(differs(
                bench,
                hunt,
                script,
                expected,
                "the course's stage",
            )?);
            patch::apply(&bench.course.workspace, &fault.patch, false)?;
            let with_fault = differs(bench, hunt, script, seen, "the fault");
            patch::apply(&bench.course.workspace, &fault.patch, true)?;
            faults.extend(with_fault?);
            if seen.trim() == expected.trim() {
                faults.push("the symptom is none".to_owned());
            }
            for less in &hunt.less {
                let text = bench.course.read(&less.file)?;
                let body = format!("{{\n{}}}", less.body);
                let changed = source::with_body(&text, &less.function, &body)?;
                bench.write(&less.file, &changed)?;
                let noticed = is_noticed(bench, hunt, less, script, expected);
                bench.write(&less.file, &text)?;
                let complaint = noticed.with_context(|| less.what.clone())?;
                faults.extend(complaint.map(|complaint| format!("{}: {complaint}", less.what)));
            }
        }
        Kind::Case {
            template, solution, ..
        } => {
            let mut try_case = |what: &str, case: &str, expected: Judged| -> anyhow::Result<()> {
                let judged = judge_case(&bench.course, hunt, case)?;
                if judged != expected {
                    faults.push(format!("{what}: {judged:?}"));
                }
                Ok(())
            };
            try_case("the solution", solution, Judged::Good)?;
            try_case("the template as it is", template, Judged::MissesFault)?;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let verdict = if faults.is_empty() { "good" } else { "BAD" };
    println!(
        "{verdict:<5}hunt {}  {seconds:>5.1} s  {}",
        hunt.number, hunt.title
    );
    for fault in &faults {
        println!("     {}", fault.replace('\n', "\n       "));
    }
    Ok(faults.len())
}

/// Checks that what looks like the remedy is refused: by the ticket's script, or by the case that it names.
fn is_noticed(
    bench: &Bench,
    hunt: &Hunt,
    less: &Less,
    script: &str,
    expected: &str,
) -> anyhow::Result<Option<String>> {
    let differs = differs(bench, hunt, script, expected, "this")?;
    let Some(case) = &less.fails else {
        let is_gone = differs.is_none();
        return Ok(is_gone.then(|| "the script takes it for the remedy".to_owned()));
    };
    if differs.is_some() {
        return Ok(differs);
    }
    let case = Case::parse(case);
    Ok(
        match build(&bench.course, &hunt.package(), slice::from_ref(&case.test))? {
            Built::Broken(errors) => Some(errors),
            Built::Ready(programs) => match programs.run(&case, SHORT, || false)? {
                Outcome::Red(_) => None,
                _ => Some(format!("{} is green", case.name)),
            },
        },
    )
}

fn differs(
    bench: &Bench,
    hunt: &Hunt,
    script: &str,
    wanted: &str,
    on: &str,
) -> anyhow::Result<Option<String>> {
    Ok(
        match watch_symptom(&bench.course, &bench.course, hunt, script)? {
            Scene::Broken(errors) => Some(format!("{on} does not compile:\n{errors}")),
            Scene::Printed(printed) if printed.trim() == wanted.trim() => None,
            Scene::Printed(printed) => Some(format!(
                "on {on} the script prints\n{printed}\nand should print\n{}",
                wanted.trim()
            )),
        },
    )
}
