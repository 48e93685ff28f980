//! What an experiment has seen before it fails is kept, and shown.

use std::fs;

use anyhow::{anyhow, ensure};
use lab::claims::decide;
use lab::course::{Claim, Experiment, Proof, Step, Verdict};
use lab::lesson::Seen;
use lab::show::{Document, Format, Output, Shown};
use lab::{Evidence, Lab};
use serde::Serialize;

/// The fact that is seen in time.
const FACT: &str = "clients served before that";
const REASON: &str = "the third did not come";

fn fails(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    evidence.count(FACT, 2, 2);
    Err(anyhow!(REASON))
}

fn panics(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    evidence.count(FACT, 2, 2);
    panic!("{REASON}");
}

fn lab() -> Lab {
    Lab::new(env!("CARGO_BIN_EXE_lab"))
}

#[test]
fn of_a_step() -> anyhow::Result<()> {
    for experiment in [fails as Experiment, panics] {
        let what = "three clients come";
        let seen = Seen::of(&lab(), &Step { what, experiment });
        ensure!(!seen.evidence.holds(), "a step that failed holds: {seen:?}");
        tells_both(&seen.document(), &seen)?;
    }
    Ok(())
}

#[test]
fn of_a_claim() -> anyhow::Result<()> {
    for experiment in [fails as Experiment, panics] {
        let claim = Claim {
            number: 1,
            statement: "Three clients are served.",
            verdict: Verdict::True,
            truth: "",
            proof: Proof::Experiment(experiment),
        };
        let decided = decide(&lab(), 1, &claim);
        ensure!(
            !decided.is_as_expected(),
            "it failed, as expected: {decided:?}"
        );
        tells_both(&decided.document(), &decided)?;
    }
    Ok(())
}

/// Checks that a page and a program are told the fact and the reason.
fn tells_both(document: &Document, result: &impl Serialize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.json");
    let mut output = Output::new(Format::Text, Some(path.clone()));
    output.keep(document.clone());
    output.record("result", result)?;
    let page = output.page()?;
    output.finish()?;
    for text in [page, fs::read_to_string(path)?] {
        ensure!(text.contains(FACT), "the fact is missing in {text}");
        ensure!(text.contains(REASON), "the reason is missing in {text}");
    }
    Ok(())
}
