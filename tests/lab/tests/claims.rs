//! Every claim is decided as it stands in the text: a test for each, by its number.

use lab::Lab;
use lab::claims::{all, decide};

/// The lab's own program, whose specimens the experiments look at.
fn lab() -> Lab {
    Lab::new(env!("CARGO_BIN_EXE_lab"))
}

fn is_decided(number: u8) {
    let all = all();
    let claim = all.iter().find(|(_, claim)| claim.number == number);
    let (chapter, claim) = claim.unwrap_or_else(|| panic!("there is no C{number}"));
    let decided = decide(&lab(), *chapter, claim);
    assert!(decided.is_as_expected(), "{decided:#?}");
}

macro_rules! claims {
    ($($name:ident $number:literal)*) => { $(
        #[test]
        fn $name() {
            is_decided($number);
        }
    )* };
}

claims! {
    c04 4
    c05 5
    c07 7
    c08 8
    c09 9
    c10 10
    c15 15
    c21 21
    c31 31
    c32 32
    c33 33
    c34 34
}
