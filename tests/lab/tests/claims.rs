//! Every claim is decided, once in a test run: here, in a test by its number, or where the book is compared with the lab,
//! which makes all lessons and the claims that a chapter shows (`docs/tests/blocks.rs`).

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use lab::Lab;
use lab::chapters::{CHAPTERS, claims};
use lab::claims::decide;
use lab::course::{Claim, Proof};
use suite::workspace;

/// One lab for all tests, so that each stage is built once; its own program is the specimens, too.
static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::new(env!("CARGO_BIN_EXE_lab")));

fn is_decided(number: u8) {
    let all = claims();
    let claim = all.iter().find(|(_, claim)| claim.number == number);
    let (chapter, claim) = claim.unwrap_or_else(|| panic!("there is no C{number}"));
    let decided = decide(&LAB, *chapter, claim);
    assert!(decided.is_as_expected(), "{decided:#?}");
}

macro_rules! claims {
    ($($name:ident $number:literal)*) => {
        $(
            #[test]
            fn $name() {
                is_decided($number);
            }
        )*

        const HERE: &[u8] = &[$($number),*];
    };
}

claims! {
    c01 1
    c03 3
    c04 4
    c09 9
    c13 13
    c15 15
    c17 17
    c18 18
    c19 19
    c20 20
    c24 24
    c25 25
    c26 26
    c27 27
    c33 33
    c34 34
    c35 35
    c36 36
    c39 39
}

/// Returns whether a claim's experiment is a step of a lesson.
fn is_in_a_lesson(claim: &Claim) -> bool {
    let Proof::Experiment(experiment) = claim.proof else {
        return false;
    };
    let mut steps = CHAPTERS
        .iter()
        .flat_map(|chapter| chapter.lesson.steps.iter());
    steps.any(|step| std::ptr::fn_addr_eq(step.experiment, experiment))
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
fn each_claim_is_decided_once_here_or_for_the_book() -> anyhow::Result<()> {
    let text = chapters()?;
    let claims = claims();
    let is_here = |claim: &Claim| {
        let number = claim.number;
        let is_shown = text.contains(&format!("<!-- output: cargo lab claims C{number} -->"));
        let is_by_reading = matches!(claim.proof, Proof::Text(_));
        !is_shown && !is_by_reading && !is_in_a_lesson(claim)
    };
    let here = claims.iter().map(|(_, claim)| claim);
    let here: BTreeSet<u8> = here
        .filter(|claim| is_here(claim))
        .map(|claim| claim.number)
        .collect();
    assert_eq!(HERE.iter().copied().collect::<BTreeSet<u8>>(), here);
    Ok(())
}

#[test]
fn each_claim_stands_once() {
    let numbers: Vec<u8> = claims().iter().map(|(_, claim)| claim.number).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<u8>>());
}

#[test]
fn only_c30_is_decided_by_reading() {
    let all = claims();
    let by_reading = all
        .iter()
        .filter(|(_, c)| matches!(c.proof, Proof::Text(_)));
    let numbers: Vec<u8> = by_reading.map(|(_, claim)| claim.number).collect();
    assert_eq!(numbers, [30]);
}
