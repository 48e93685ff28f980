//! `cargo lab scale`: the door to what [`bench`] measures over the number of clients.

use bench::Restore;
use bench::scale::{LEAST_DESCRIPTORS, PARTS, ScalePart, Scope, Study};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use serde::Serialize;

use crate::show::{Document, Ending, Output, Progress, Shown, Tone, evidence};
use crate::world::{attempt, ensure_descriptors};
use crate::{Evidence, Lab};

/// What can be asked of it.
#[derive(Debug, Args)]
pub struct Options {
    /// Only these parts
    #[arg(long, value_parser = names(), value_delimiter = ',', value_name = "PART")]
    only: Vec<String>,
    /// Fewer rounds and fewer places on the curves
    #[arg(long)]
    quick: bool,
}

fn names() -> PossibleValuesParser {
    let names = PARTS.map(|part| PossibleValue::new(part.name).help(part.about));
    PossibleValuesParser::new(names)
}

/// Runs the command.
///
/// # Errors
///
/// If it cannot be done here.
pub fn run(lab: &Lab, options: Options, output: &mut Output) -> anyhow::Result<Ending> {
    ensure_descriptors(LEAST_DESCRIPTORS)?;
    let scope = Scope::new(lab, options.quick);
    let is_wanted = |part: &&ScalePart| {
        options.only.is_empty() || options.only.iter().any(|name| name == part.name)
    };
    let _restore = Restore::later();
    let mut as_expected = true;
    for part in PARTS.iter().filter(is_wanted) {
        let progress = Progress::new(part.steps);
        let study = attempt(|| part.run(&scope, &|name| progress.next(name)))??;
        drop(progress);
        let shown = ShownStudy::from(study);
        as_expected &= shown.evidence.holds();
        output.show(&shown)?;
    }
    Ok(as_expected.into())
}

/// A study with its shapes as evidence.
#[derive(Debug, Serialize)]
struct ShownStudy {
    #[serde(flatten)]
    study: Study,
    evidence: Evidence,
}

impl From<Study> for ShownStudy {
    fn from(study: Study) -> Self {
        let mut evidence = Evidence::new();
        for shape in &study.shapes {
            evidence.shape(&shape.what, &shape.seen, &shape.expected, shape.holds);
        }
        Self { study, evidence }
    }
}

impl Shown for ShownStudy {
    const KIND: &'static str = "scale";

    fn document(&self) -> Document {
        let mut document = Document::new(self.study.title);
        document.text(self.study.about);
        for figure in &self.study.figures {
            document.plot(figure.clone());
        }
        document.table(evidence(&self.evidence));
        for note in &self.study.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document
    }
}
