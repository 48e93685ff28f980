//! `cargo lab doctor`: what will not work on this machine, and what to do about it.

mod findings;
mod programs;

use serde::Serialize;

use crate::Lab;
use crate::show::Align::Left;
use crate::show::{Cell, Document, Ending, Output, Shown, Table, Tone};
use crate::world::Machine;

/// Looks at the machine.
pub(crate) fn run(lab: &Lab, output: &mut Output) -> anyhow::Result<Ending> {
    let machine = Machine::here();
    let findings = findings::all(lab, &machine);
    let diagnosis = Diagnosis { machine, findings };
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
    advice: String,
}

/// The state of a thing that the lab needs.
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
        let mut table = Table::new([("", Left); 3]);
        for finding in &self.findings {
            let (mark, tone) = match finding.state {
                State::Fine => ("✓", Tone::Good),
                State::Limited => ("!", Tone::Warn),
                State::Missing => ("✗", Tone::Bad),
            };
            let mark = Cell::new(tone, mark);
            table.row([mark, finding.what.into(), finding.seen.as_str().into()]);
            if finding.state != State::Fine {
                let advice = Cell::new(tone, finding.advice.as_str());
                table.row([Cell::default(), Cell::default(), advice]);
            }
        }
        document.table(table);
        let all_is_fine = self.findings.iter().all(|f| f.state == State::Fine);
        document.text(match all_is_fine {
            true => "Everything that the course needs works here.",
            false => "The rest works here.",
        });
        document
    }
}
