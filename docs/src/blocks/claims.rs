//! The statements that a chapter decides, as the lab knows them.

use std::fmt::Write;

use lab::chapters::claims;
use lab::course::Proof;

/// A heading for each statement of a chapter, what is said, what is true, and the command that shows it.
pub(super) fn list(chapter: u8) -> String {
    let mut text = String::from("\n");
    for (_, claim) in claims().into_iter().filter(|(of, _)| *of == chapter) {
        let shown = match claim.proof {
            Proof::Experiment(_) => format!("`cargo lab claims C{}`", claim.number),
            Proof::Text(why) => format!("Decided by reading: {why}"),
        };
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "### C{}\n\n“{}” — **{}**\n\n{}\n\n{shown}\n\n",
            claim.number, claim.statement, claim.verdict, claim.truth,
        );
    }
    text
}
