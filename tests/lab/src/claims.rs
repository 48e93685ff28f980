//! `cargo lab claims`: the 43 statements that learners arrive with, and what is true about them.

use anyhow::{Context, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::chapters;
use crate::course::{Claim, Proof, Verdict};
use crate::show::{Align, Cell, Document, Ending, Output, Shown, Table, Tone, progress_bar};
use crate::{Evidence, Lab};

/// The arguments of `cargo lab claims`.
#[derive(Debug, Args)]
pub(crate) struct ClaimsOptions {
    /// The claims by number, as C15; all, if none is named
    #[arg(value_name = "C1…C43", value_parser = parse_number)]
    numbers: Vec<u8>,
}

fn parse_number(text: &str) -> anyhow::Result<u8> {
    let last = u8::try_from(chapters::claims().len())?;
    let number = text.strip_prefix(['C', 'c']).unwrap_or(text).parse().ok();
    let number = number.filter(|number| (1..=last).contains(number));
    number.with_context(|| format!("the claims are C1 to C{last}; {text} is not one of them"))
}

/// A claim, and what its experiment showed.
#[derive(Debug, Serialize)]
pub struct Decided {
    chapter: u8,
    #[serde(flatten)]
    claim: Claim,
    /// The evidence, or none if reading decides it.
    pub evidence: Option<Evidence>,
    /// Why there is no experiment, or why it could not run.
    not_tried: Option<String>,
}

/// Runs the experiments of the requested claims. A failing experiment is a result, not an error.
pub(crate) fn run(
    lab: &Lab,
    options: ClaimsOptions,
    output: &mut Output,
) -> anyhow::Result<Ending> {
    let numbers = options.numbers;
    let mut claims = chapters::claims();
    claims.retain(|(_, claim)| numbers.is_empty() || numbers.contains(&claim.number));
    ensure!(!claims.is_empty(), "none of these claims exists");
    let progress = progress_bar(claims.len());
    let mut decided = Vec::new();
    for (chapter, claim) in claims {
        progress.set_message(format!("C{}", claim.number));
        decided.push(decide(lab, chapter, claim));
        progress.inc(1);
    }
    drop(progress);
    match numbers.is_empty() {
        true => {
            output.print(overview(&decided))?;
            output.record("claims", &json!({ "claims": &decided }))?;
        }
        false => decided.iter().try_for_each(|claim| output.show(claim))?,
    }
    Ok(decided.iter().all(Decided::is_as_expected).into())
}

/// Decides one claim.
pub fn decide(lab: &Lab, chapter: u8, claim: &Claim) -> Decided {
    let (evidence, not_tried) = match claim.proof {
        Proof::Text(why) => (None, Some(why.to_owned())),
        Proof::Experiment(experiment) => {
            let evidence = Evidence::of(lab, experiment);
            let failure = evidence.failure.clone();
            (Some(evidence), failure)
        }
    };
    Decided {
        chapter,
        claim: *claim,
        evidence,
        not_tried,
    }
}

impl Decided {
    /// Returns whether its experiment, if it has one, came out as it should.
    pub fn is_as_expected(&self) -> bool {
        self.evidence.as_ref().is_none_or(Evidence::holds)
    }

    /// Returns the verdict for a person.
    fn verdict(&self) -> Cell {
        let tone = match self.claim.verdict {
            Verdict::True => Tone::Good,
            Verdict::Partly | Verdict::Misleading => Tone::Warn,
            Verdict::False => Tone::Bad,
            Verdict::Opinion => Tone::Quiet,
        };
        Cell::new(tone, self.claim.verdict.to_string())
    }
}

impl Shown for Decided {
    const KIND: &'static str = "claim";

    fn document(&self) -> Document {
        let Claim {
            number,
            statement,
            truth,
            ..
        } = self.claim;
        let mut document = Document::new(format!("C{number} · “{statement}”"));
        let verdict = self.verdict();
        document.toned(verdict.tone, verdict.text);
        document.text(truth);
        if let Some(evidence) = &self.evidence {
            document.evidence(evidence);
        }
        if let Some(why) = &self.not_tried {
            let what = match &self.evidence {
                Some(_) => "Not done",
                None => "No experiment",
            };
            document.toned(Tone::Warn, format!("{what}: {why}"));
        }
        document.toned(Tone::Quiet, format!("Read on: chapter {:02}", self.chapter));
        document
    }
}

/// Returns all claims in a table.
fn overview(claims: &[Decided]) -> Document {
    let mut table = Table::new([
        ("", Align::Left),
        ("statement, and what was seen", Align::Left),
        ("verdict", Align::Left),
        ("shown", Align::Left),
        ("ch.", Align::Right),
    ]);
    let mut tried = 0;
    for claim in claims {
        table.row([
            Cell::new(Tone::Strong, format!("C{}", claim.claim.number)),
            Cell::from(claim.claim.statement),
            claim.verdict(),
            match (&claim.evidence, claim.is_as_expected()) {
                (None, _) => Cell::new(Tone::Quiet, "text"),
                (Some(_), true) => Cell::new(Tone::Good, "✓"),
                (Some(_), false) => Cell::new(Tone::Bad, "✗"),
            },
            Cell::from(format!("{:02}", claim.chapter)),
        ]);
        let Some(evidence) = &claim.evidence else {
            continue;
        };
        tried += 1;
        let mut below = |tone, text| table.row([Cell::default(), Cell::new(tone, text)]);
        for fact in &evidence.facts {
            let tone = match fact.holds {
                true => Tone::Quiet,
                false => Tone::Bad,
            };
            if !fact.expected.is_empty() {
                below(tone, format!("{}: {}", fact.what, fact.seen));
            }
        }
        if let Some(why) = &evidence.failure {
            below(Tone::Bad, why.clone());
        }
    }
    let total = claims.len();
    let mut document = Document::new(format!(
        "{total} statements, {tried} of them decided by experiment, here and now"
    ));
    document.table(table);
    let text = "`cargo lab claims C15` shows what is true, and where it is written.";
    document.toned(Tone::Quiet, text);
    document
}
