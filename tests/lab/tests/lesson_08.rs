//! What lesson 08 shows beside the claims: how stage 8 serves a file, and what becomes of one that is cut.

use lab::Lab;
use lab::chapters::CHAPTERS;
use lab::lesson::Seen;

fn step_holds(number: usize) {
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    let seen = Seen::of(&lab, &CHAPTERS[8].lesson.steps[number]);
    assert!(
        seen.as_ref().is_ok_and(|seen| seen.evidence.holds()),
        "{seen:#?}"
    );
}

#[test]
fn a_file_is_mapped_and_not_read() {
    step_holds(2);
}

#[test]
fn a_cut_file_ends_one_connection_or_one_program() {
    step_holds(3);
}
