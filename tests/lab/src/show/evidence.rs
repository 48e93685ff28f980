//! The evidence of an experiment as a table.

use super::{Align, Cell, Table, Tone};
use crate::Evidence;

/// Returns the facts as a table: what was looked at, what was seen, what was expected.
pub fn evidence(evidence: &Evidence) -> Table {
    let mut table = Table::new([
        ("", Align::Left),
        ("seen", Align::Right),
        ("expected", Align::Right),
        ("", Align::Left),
    ]);
    for fact in &evidence.facts {
        let (mark, tone) = match (fact.expected.is_empty(), fact.holds) {
            (true, _) => ("", Tone::Quiet),
            (false, true) => ("✓", Tone::Good),
            (false, false) => ("✗", Tone::Bad),
        };
        table.row([
            Cell::from(fact.what.as_str()),
            Cell::new(tone.unless_good(), fact.seen.as_str()),
            Cell::new(Tone::Quiet, fact.expected.as_str()),
            Cell::new(tone, mark),
        ]);
    }
    table
}
