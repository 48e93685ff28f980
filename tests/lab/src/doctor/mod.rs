//! `cargo lab doctor`: what will not work on this machine, and what to do about it.

mod findings;
mod programs;

use serde::Serialize;

use crate::Lab;
use crate::show::{Align, Cell, Document, Ending, Output, Shown, Table, Tone};
use crate::world::Machine;

/// Looks at the machine.
///
/// # Errors
///
/// Returns the errors of the output.
pub fn run(lab: &Lab, output: &mut Output) -> anyhow::Result<Ending> {
    let diagnosis = Diagnosis {
        machine: Machine::here(),
        findings: findings::all(lab),
    };
    output.show(&diagnosis)?;
    let missing = |finding: &Finding| finding.state == State::Missing;
    Ok((!diagnosis.findings.iter().any(missing)).into())
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Diagnosis {
    machine: Machine,
    findings: Vec<Finding>,
}

/// A thing that the lab needs.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    seen: String,
    state: State,
    /// The consequence where it is missing, and the remedy.
    advice: &'static str,
}

/// Whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// All works.
    Fine,
    /// The lab does less, and says so.
    Limited,
    /// Something does not work.
    Missing,
}

impl Shown for Diagnosis {
    const KIND: &'static str = "doctor";

    fn document(&self) -> Document {
        let mut document = Document::new("What the lab finds on this machine");
        document.toned(Tone::Quiet, self.machine.in_words());
        let columns = ["", "", ""].map(|name| (name, Align::Left));
        let mut table = Table::new(columns);
        for finding in &self.findings {
            let (mark, tone) = match finding.state {
                State::Fine => ("✓", Tone::Good),
                State::Limited => ("!", Tone::Warn),
                State::Missing => ("✗", Tone::Bad),
            };
            let mark = Cell::new(tone, mark);
            table.row([mark, finding.what.into(), finding.seen.as_str().into()]);
            if finding.state != State::Fine {
                let advice = Cell::new(tone, finding.advice);
                table.row([Cell::default(), Cell::default(), advice]);
            }
        }
        document.table(table);
        let worst = self.findings.iter().filter(|f| f.state != State::Fine);
        document.text(match worst.count() {
            0 => "Everything that the course needs works here.",
            _ => "The rest works here.",
        });
        document
    }
}
