//! The statements of the course, and what is true about them. They are written in the book and nowhere else.

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::{Claim, Experiment, Proof, Verdict};

/// The page of the book that lists them; each chapter's experiments decide a part of it.
const BOOK: &str = include_str!("../../../../docs/chapters/statements.md");

/// Returns all statements in the order of the book. Each comes with the number of its chapter and with its proof: one
/// of `experiments`, which carry the statements' numbers, or reading, where the book says so. Fails if the book has a
/// statement that cannot be parsed or that nothing decides, or if it lacks one that an experiment names.
pub(crate) fn statements(experiments: &[(u8, Experiment)]) -> anyhow::Result<Vec<(u8, Claim)>> {
    let mut all = Vec::new();
    for part in BOOK.split("<!-- claims: ").skip(1) {
        let (chapter, part) = part.split_once(" -->").context("a comment does not end")?;
        let (part, _) = part
            .split_once("<!-- end -->")
            .context("a part does not end")?;
        let chapter = chapter.parse()?;
        for text in part.split("\n### C").skip(1) {
            let claim = read(text, experiments);
            all.push((
                chapter,
                claim.with_context(|| format!("statement C{text}"))?,
            ));
        }
    }
    for (number, _) in experiments {
        let is_there = all.iter().any(|(_, claim)| claim.number == *number);
        ensure!(
            is_there,
            "an experiment decides C{number}, which is not in the book"
        );
    }
    Ok(all)
}

/// Parses a statement of four paragraphs: the number, the words with the verdict, the truth, the proof.
fn read(text: &'static str, experiments: &[(u8, Experiment)]) -> anyhow::Result<Claim> {
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").collect();
    let [number, said, truth, proof] = paragraphs[..] else {
        bail!("it has {} paragraphs, not four", paragraphs.len());
    };
    let number = number.parse()?;
    let said = said
        .strip_prefix('“')
        .and_then(|said| said.strip_suffix("**"));
    let said = said.and_then(|said| said.split_once("” — **"));
    let (statement, verdict) = said.context("it lacks “words” — **verdict**")?;
    let verdict = StrDeserializer::<Error>::new(verdict);
    let experiment = experiments.iter().find(|(decided, _)| *decided == number);
    let proof = match (experiment, proof.strip_prefix("Decided by reading: ")) {
        (Some((_, experiment)), None) => Proof::Experiment(*experiment),
        (None, Some(why)) => Proof::Text(why),
        _ => bail!("either an experiment decides it, or reading"),
    };
    Ok(Claim {
        number,
        statement,
        verdict: Verdict::deserialize(verdict)?,
        truth,
        proof,
    })
}
