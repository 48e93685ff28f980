//! Every claim is decided, once in a test run: here, or where the book is compared with the lab, which makes all lessons and
//! the claims that a chapter shows (`docs/tests/blocks.rs`).

use std::fs;
use std::sync::Mutex;
use std::thread;

use anyhow::ensure;
use lab::Lab;
use lab::chapters::{CHAPTERS, claims};
use lab::claims::{Decided, decide};
use lab::course::{Claim, Proof};
use suite::workspace;

#[test]
fn what_the_book_does_not_decide_is_decided() -> anyhow::Result<()> {
    /// Most experiments wait for something most of the time.
    const AT_ONCE: usize = 4;
    let text = chapters()?;
    let mut here = claims();
    here.retain(|(_, claim)| is_by_experiment(claim) && !is_for_the_book(claim, &text));
    ensure!(!here.is_empty(), "the book decides them all");
    // One lab for all, so that each stage is built once; its own program is the specimens, too.
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    let (here, wrong) = (Mutex::new(here.into_iter()), Mutex::new(Vec::new()));
    let next = || here.lock().ok()?.next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((chapter, claim)) = next() {
                    let decided = decide(&lab, chapter, claim);
                    if let (false, Ok(mut wrong)) = (decided.is_as_expected(), wrong.lock()) {
                        wrong.push(decided);
                    }
                }
            });
        }
    });
    let wrong: Vec<Decided> = wrong.into_inner().unwrap_or_default();
    ensure!(wrong.is_empty(), "not as expected: {wrong:#?}");
    Ok(())
}

fn is_by_experiment(claim: &Claim) -> bool {
    matches!(claim.proof, Proof::Experiment(_))
}

/// Returns whether a claim's experiment is a step of a lesson, or a chapter shows the claim.
fn is_for_the_book(claim: &Claim, chapters: &str) -> bool {
    let shown = format!("<!-- output: cargo lab claims C{} -->", claim.number);
    let Proof::Experiment(experiment) = claim.proof else {
        return false;
    };
    let steps = CHAPTERS
        .iter()
        .flat_map(|chapter| chapter.lesson.steps.iter());
    let mut experiments = steps.map(|step| step.experiment);
    chapters.contains(&shown) || experiments.any(|step| std::ptr::fn_addr_eq(step, experiment))
}

/// Returns the text of all chapters.
fn chapters() -> anyhow::Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(workspace().join("docs/chapters"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            text += &fs::read_to_string(path)?;
        }
    }
    Ok(text)
}

#[test]
fn numbers_are_given_once_and_in_order() {
    let numbers: Vec<usize> = claims()
        .iter()
        .map(|(_, claim)| claim.number.into())
        .collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
}

#[test]
fn only_c30_is_decided_by_reading() {
    let all = claims();
    let by_reading = all.iter().filter(|(_, claim)| !is_by_experiment(claim));
    let numbers: Vec<u8> = by_reading.map(|(_, claim)| claim.number).collect();
    assert_eq!(numbers, [30]);
}
