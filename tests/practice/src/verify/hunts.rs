//! Tries a hunt: its symptom is there on the fault and not on the course's stage, and what looks like the remedy is
//! refused; its case catches what it has to.

use std::path::Path;
use std::slice;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::bench::Bench;
use super::tasks::SHORT;
use crate::hunt::{Hunt, Judged, Kind, Less, Refused, judge_case_in, watch};
use crate::judge::{Built, Outcome, Programs};
use crate::patch;
use crate::task::Case;

/// How long scripts wait: most of them wait for something that never comes. What is not seen at the first look, a
/// busy machine may have been too slow for, and then the longer time decides.
const LOOKS: [Duration; 2] = [Duration::from_millis(1500), Duration::from_secs(15)];

/// Tries a hunt. Returns how much of it is not as it should be.
pub(super) fn verify(bench: &Bench, hunt: &Hunt, stories: bool) -> anyhow::Result<usize> {
    let begun = Instant::now();
    let fault = Hunt::read_fault(&bench.course, &hunt.fault)?;
    let mut faults = Vec::new();
    match &hunt.kind {
        Kind::Symptom {
            script,
            seen,
            expected,
            less,
        } => {
            let scene = Scene {
                bench,
                hunt,
                script,
                expected,
                stories,
            };
            faults.extend(scene.prints(expected, "the course's stage")?);
            patch::apply(&bench.course.workspace, &fault.patch, false)?;
            faults.extend(scene.prints(seen, "the fault")?);
            if seen.trim() == expected.trim() {
                faults.push("the symptom is none".to_owned());
            }
            for less in less {
                let complaint = scene.refuses(less).with_context(|| less.what.clone())?;
                faults.extend(complaint.map(|complaint| format!("{}: {complaint}", less.what)));
            }
            patch::apply(&bench.course.workspace, &fault.patch, true)?;
        }
        Kind::Case {
            template,
            solution,
            less,
            ..
        } => {
            let mut try_case = |what: &str, case: &str, expected: Judged| -> anyhow::Result<()> {
                let (course, test) = (&bench.course, || bench.cargo("test"));
                let judged = judge_case_in(course, course, hunt, case, test)?;
                if judged != expected {
                    faults.push(format!("{what}: {judged:?}"));
                }
                Ok(())
            };
            try_case("the solution", solution, Judged::Good)?;
            try_case("the template as it is", template, Judged::MissesFault)?;
            for (what, case) in less {
                try_case(what, case, Judged::MissesSecond)?;
            }
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

/// A stage that a ticket's script is run on.
struct Scene<'a> {
    bench: &'a Bench,
    hunt: &'a Hunt,
    script: &'a str,
    expected: &'a str,
    stories: bool,
}

impl Scene<'_> {
    /// Checks what the script prints on the stage as it is now. Returns a complaint if it is something else than `wanted`.
    fn prints(&self, wanted: &str, on: &str) -> anyhow::Result<Option<String>> {
        Ok(match self.bench.build(&self.hunt.package(), &[])? {
            Built::Broken(errors) => Some(format!("{on} does not compile:\n{errors}")),
            Built::Ready(programs) => self.watch(&programs, wanted, on),
        })
    }

    fn watch(&self, programs: &Programs, wanted: &str, on: &str) -> Option<String> {
        let server: &Path = &programs.server;
        let mut printed = String::new();
        for patience in LOOKS {
            let course = &self.bench.course;
            let watched = watch(course, self.hunt, server, self.script, patience);
            printed = watched.unwrap_or_else(|error| format!("{error:#}"));
            if printed.trim() == wanted.trim() {
                return None;
            }
        }
        Some(format!(
            "on {on} the script prints\n{printed}\nand should print\n{}",
            wanted.trim()
        ))
    }

    /// Checks that what looks like the remedy is refused. The fault is there before it, and after it.
    fn refuses(&self, less: &Less) -> anyhow::Result<Option<String>> {
        let course = &self.bench.course;
        let read = |file: String| Ok((course.read(&file)?, file));
        let files: anyhow::Result<Vec<_>> = less.files().into_iter().map(read).collect();
        let files = files?;
        less.apply(course)?;
        let complaint = match &less.refused {
            Refused::Script(printed) if printed.trim() == self.expected.trim() => {
                Ok(Some("the script takes it for the remedy".to_owned()))
            }
            Refused::Script(printed) => self.prints(printed, "this"),
            Refused::Case(case) => self.turns_red(case, &less.what),
        };
        for (text, file) in files {
            self.bench.write(&file, &text)?;
        }
        complaint
    }

    /// Checks that the script takes `what` for the remedy, and that a case does not.
    fn turns_red(&self, case: &Case, what: &str) -> anyhow::Result<Option<String>> {
        let tests = slice::from_ref(&case.test);
        let programs = match self.bench.build(&self.hunt.package(), tests)? {
            Built::Broken(errors) => return Ok(Some(format!("it does not compile:\n{errors}"))),
            Built::Ready(programs) => programs,
        };
        if let Some(differs) = self.watch(&programs, self.expected, "this") {
            return Ok(Some(differs));
        }
        let Outcome::Red(story) = programs.run(case, SHORT, || false)? else {
            return Ok(Some(format!("{} is green", case.name)));
        };
        if self.stories {
            println!("\n--- hunt {}, {what}\n{story}\n", self.hunt.number);
        }
        Ok(None)
    }
}
