//! Chapter 5: an array in place of the bitmaps.

mod crowd;
mod limits;

use crate::course::{Chapter, lesson};
use crate::{Evidence, Lab};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 5,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                crowd::without_a_cap,
                crowd::beside_select,
                crowd::high_numbers,
                limits::refusals,
            ],
        ),
        claims: &[(33, no_limit_but_its_own), (34, limits::before_main)],
        specimens: &[("poll-and-select", limits::poll_and_select)],
    }
}

/// Shows what poll does not limit, and what it does.
fn no_limit_but_its_own(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    crowd::without_a_cap(lab, evidence)?;
    limits::refusals(lab, evidence)
}
