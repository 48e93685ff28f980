//! `cargo lab scale`: the front door to the curves that [`bench`] measures over the number of clients.

use std::mem::take;

use bench::Restore;
use bench::scale::{Findings, LEAST_DESCRIPTORS, STUDIES, Scope, Study};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use serde::Serialize;

use crate::show::{Document, Ending, Output, Shown, Tone, next_step, progress_bar};
use crate::world::{attempt, ensure_descriptors};
use crate::{Evidence, Lab};

/// The arguments of `cargo lab scale`.
#[derive(Debug, Args)]
pub(crate) struct ScaleOptions {
    /// Measure only these parts
    #[arg(long, value_parser = names(), value_delimiter = ',', value_name = "PART")]
    only: Vec<String>,
    /// Measure fewer rounds and fewer places on the curves
    #[arg(long)]
    quick: bool,
}

fn names() -> PossibleValuesParser {
    let names = STUDIES.map(|study| PossibleValue::new(study.name).help(study.line));
    PossibleValuesParser::new(names)
}

/// Runs the command. Fails if there are too few descriptors, or if a study cannot be measured here.
pub(crate) fn run(lab: &Lab, options: ScaleOptions, output: &mut Output) -> anyhow::Result<Ending> {
    ensure_descriptors(LEAST_DESCRIPTORS)?;
    let start = |number| lab.start(number);
    let scope = Scope::new(&start, options.quick);
    let is_wanted = |study: &Study| {
        options.only.is_empty() || options.only.iter().any(|name| name == study.name)
    };
    let _restore = Restore::later();
    let mut as_expected = true;
    for study in STUDIES.into_iter().filter(is_wanted) {
        let progress = progress_bar(study.steps);
        let mut found = attempt(|| (study.run)(&scope, &|name| next_step(&progress, name)))??;
        drop(progress);
        let evidence = Evidence {
            facts: take(&mut found.facts),
            ..Evidence::default()
        };
        as_expected &= evidence.holds();
        output.show(&StudyReport {
            study,
            found,
            evidence,
        })?;
    }
    Ok(as_expected.into())
}

/// A study, with its facts as evidence.
#[derive(Debug, Serialize)]
struct StudyReport {
    #[serde(flatten)]
    study: Study,
    #[serde(flatten)]
    found: Findings,
    evidence: Evidence,
}

impl Shown for StudyReport {
    const KIND: &'static str = "scale";

    fn document(&self) -> Document {
        let mut document = Document::new(self.study.title);
        document.text(self.study.about);
        for figure in &self.found.figures {
            document.plot(figure.clone());
        }
        document.evidence(&self.evidence);
        for note in &self.found.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document
    }
}
