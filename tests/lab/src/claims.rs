//! `cargo lab claims`: the 43 statements that learners arrive with, and what is true of them.

use anyhow::{Context, ensure};
use clap::Args;
use serde::Serialize;

use crate::chapters;
use crate::course::{Claim, Proof, Verdict};
use crate::show::{self, Align, Cell, Document, Ending, Output, Progress, Shown, Table, Tone};
use crate::{Evidence, Lab};

/// The arguments of `cargo lab claims`.
#[derive(Debug, Args)]
pub struct ClaimsOptions {
    /// The claims by number, as C15; all, if none is named
    #[arg(value_name = "C1…C43", value_parser = parse_number)]
    numbers: Vec<u8>,
}

fn parse_number(text: &str) -> anyhow::Result<u8> {
    let digits = text.strip_prefix(['C', 'c']).unwrap_or(text);
    let last = u8::try_from(chapters::claims().len())?;
    let number = digits
        .parse()
        .ok()
        .filter(|number| (1..=last).contains(number));
    number.with_context(|| format!("the claims are C1 to C{last}, and {text} is none of them"))
}

/// A claim, and what its experiment has shown.
#[derive(Debug, Serialize)]
pub struct Decided {
    number: u8,
    chapter: u8,
    statement: &'static str,
    verdict: Verdict,
    truth: &'static str,
    /// The evidence; none if it is decided by reading.
    pub evidence: Option<Evidence>,
    /// Why there is no experiment, or what kept it from being done.
    not_tried: Option<String>,
}

/// Runs the experiments of the claims that are asked for.
///
/// # Errors
///
/// Returns the errors of the output. An experiment that fails is a result.
pub fn run(lab: &Lab, options: ClaimsOptions, output: &mut Output) -> anyhow::Result<Ending> {
    let wanted = |number| options.numbers.is_empty() || options.numbers.contains(&number);
    let claims: Vec<_> = chapters::claims()
        .into_iter()
        .filter(|(_, c)| wanted(c.number))
        .collect();
    ensure!(!claims.is_empty(), "none of these claims is there");
    let progress = Progress::new(claims.len());
    let mut decided = Vec::new();
    for (chapter, claim) in claims {
        progress.step(format!("C{}", claim.number));
        decided.push(decide(lab, chapter, claim));
        progress.done();
    }
    drop(progress);
    let as_expected = decided.iter().all(Decided::is_as_expected);
    if options.numbers.is_empty() {
        output.show(&Overview { claims: decided })?;
    } else {
        for claim in &decided {
            output.show(claim)?;
        }
    }
    Ok(as_expected.into())
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
        number: claim.number,
        chapter,
        statement: claim.statement,
        verdict: claim.verdict,
        truth: claim.truth,
        evidence,
        not_tried,
    }
}

impl Decided {
    /// Whether its experiment, if it has one, came out as it should.
    pub fn is_as_expected(&self) -> bool {
        self.evidence.as_ref().is_none_or(Evidence::holds)
    }

    const fn is_by_experiment(&self) -> bool {
        self.evidence.is_some()
    }
}

impl Shown for Decided {
    const KIND: &'static str = "claim";

    fn document(&self) -> Document {
        let mut document = Document::new(format!("C{} · “{}”", self.number, self.statement));
        let (verdict, tone) = in_words(self.verdict);
        document.toned(tone, verdict);
        document.text(self.truth);
        if let Some(evidence) = self.evidence.as_ref().filter(|e| !e.facts.is_empty()) {
            document.table(show::evidence(evidence));
        }
        if let Some(why) = &self.not_tried {
            document.toned(
                Tone::Warn,
                match &self.evidence {
                    Some(_) => format!("The experiment failed: {why}"),
                    None => format!("No experiment: {why}"),
                },
            );
        }
        document.toned(Tone::Quiet, format!("Read on: chapter {:02}", self.chapter));
        document
    }
}

/// All claims in a table.
#[derive(Debug, Serialize)]
struct Overview {
    claims: Vec<Decided>,
}

impl Shown for Overview {
    const KIND: &'static str = "claims";

    fn document(&self) -> Document {
        let by_experiment = self.claims.iter().filter(|c| c.is_by_experiment()).count();
        let total = self.claims.len();
        let mut document = Document::new(format!(
            "{total} statements, {by_experiment} of them decided by experiment, here and now"
        ));
        let mut table = Table::new([
            ("", Align::Left),
            ("statement, and what was seen", Align::Left),
            ("verdict", Align::Left),
            ("shown", Align::Left),
            ("ch.", Align::Right),
        ]);
        for claim in &self.claims {
            let (verdict, tone) = in_words(claim.verdict);
            let (shown, mark) = match (&claim.evidence, claim.is_as_expected()) {
                (None, _) => (Tone::Quiet, "text"),
                (Some(_), true) => (Tone::Good, "✓"),
                (Some(_), false) => (Tone::Bad, "✗"),
            };
            table.row([
                Cell::new(Tone::Strong, format!("C{}", claim.number)),
                Cell::from(claim.statement),
                Cell::new(tone, verdict),
                Cell::new(shown, mark),
                Cell::from(format!("{:02}", claim.chapter)),
            ]);
            let facts = claim.evidence.iter().flat_map(|evidence| &evidence.facts);
            for fact in facts.filter(|fact| !fact.expected.is_empty()) {
                let tone = match fact.holds {
                    true => Tone::Quiet,
                    false => Tone::Bad,
                };
                let text = format!("{}: {}", fact.what, fact.seen);
                table.row([Cell::default(), Cell::new(tone, text)]);
            }
            if let (Some(_), Some(why)) = (&claim.evidence, &claim.not_tried) {
                table.row([Cell::default(), Cell::new(Tone::Bad, why.as_str())]);
            }
        }
        document.table(table);
        document.toned(
            Tone::Quiet,
            "`cargo lab claims C15` says what is true, and where it stands.",
        );
        document
    }
}

/// Returns a verdict for a person, and how welcome it is.
const fn in_words(verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::True => ("true", Tone::Good),
        Verdict::Partly => ("partly", Tone::Warn),
        Verdict::Misleading => ("misleading", Tone::Warn),
        Verdict::False => ("false", Tone::Bad),
        Verdict::Opinion => ("opinion", Tone::Quiet),
    }
}
