//! A finding, next to what was expected.

use serde::Serialize;

/// A single finding.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What was looked at, with its unit.
    pub what: String,
    /// What was found.
    pub seen: String,
    /// The expectation; empty for what is only shown, such as a time.
    pub expected: String,
    /// Whether the finding is as expected.
    pub holds: bool,
}
