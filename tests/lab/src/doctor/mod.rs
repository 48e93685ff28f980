//! `cargo lab doctor`: what will not work on this machine, and what to do about it.

mod calls;
mod findings;
mod folders;
mod mail;
mod network;
mod programs;

use clap::Args;
use serde::Serialize;
use suite::system;

use crate::Lab;
use crate::show::Align::Left;
use crate::show::{Cell, Document, Ending, Output, Shown, Table, Tone};
use crate::world::Machine;

/// What to do.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print a mail to those who will take part, a week ahead: what to install, to try and to answer
    #[arg(long)]
    mail: bool,
}

/// Looks at the machine, or prints the mail.
pub(crate) fn run(lab: &Lab, options: &Options, output: &mut Output) -> anyhow::Result<Ending> {
    if options.mail {
        output.show(&mail::Mail::new())?;
        return Ok(Ending::AsExpected);
    }
    let machine = Machine::here();
    let findings = findings::all(lab, &machine);
    let container = system::container();
    let diagnosis = Diagnosis {
        machine,
        container,
        findings,
    };
    output.show(&diagnosis)?;
    let missing = |finding: &Finding| finding.state == State::Missing;
    Ok((!diagnosis.findings.iter().any(missing)).into())
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Diagnosis {
    machine: Machine,
    /// The sign that this is a container.
    container: Option<&'static str>,
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

impl Finding {
    fn new(seen: impl Into<String>, state: State) -> Self {
        let (what, seen, advice) = ("", seen.into(), String::new());
        Self {
            what,
            seen,
            state,
            advice,
        }
    }

    /// Adds better advice than the usual.
    fn advise(self, advice: &str) -> Self {
        let advice = advice.to_owned();
        Self { advice, ..self }
    }

    /// Adds the name, and the usual advice if there is no better.
    fn about(self, what: &'static str, usual: &str) -> Self {
        let named = Self { what, ..self };
        match named.advice.is_empty() {
            true => named.advise(usual),
            false => named,
        }
    }
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
        let is_fine = |finding: &&Finding| finding.state == State::Fine;
        let (fine, rest): (Vec<_>, Vec<_>) = self.findings.iter().partition(is_fine);
        let fine: Vec<_> = fine.iter().map(|finding| finding.what).collect();
        let fine = fine.join(", ");
        if rest.is_empty() {
            let all = format!("Everything that the course needs works here: {fine}.");
            document.toned(Tone::Good, all);
            return document;
        }
        let mut table = Table::new([("", Left); 3]);
        for finding in rest {
            let (mark, tone) = match finding.state {
                State::Missing => ("✗", Tone::Bad),
                _ => ("!", Tone::Warn),
            };
            let mark = Cell::new(tone, mark);
            table.row([mark, finding.what.into(), finding.seen.as_str().into()]);
            let advice = Cell::new(tone, finding.advice.as_str());
            table.row([Cell::default(), Cell::default(), advice]);
        }
        document.table(table);
        document.text(format!("The rest works here: {fine}."));
        if let Some(sign) = self.container {
            document.text(format!(
                "This is a container ({sign}). Its limits, rights and filter are set where it is started, and most \
                 settings of the kernel on the machine that it runs on."
            ));
        }
        document
    }
}
