//! Every claim is decided as it stands in the text: a test for each, by its number.

use std::sync::LazyLock;

use lab::Lab;
use lab::chapters::claims;
use lab::claims::decide;
use lab::course::Proof;

/// One lab for all tests, so that each stage is built once; its own program is the specimens, too.
static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::new(env!("CARGO_BIN_EXE_lab")));

fn is_decided(number: u8) {
    let all = claims();
    let claim = all.iter().find(|(_, claim)| claim.number == number);
    let (chapter, claim) = claim.unwrap_or_else(|| panic!("there is no C{number}"));
    let decided = decide(&LAB, *chapter, claim);
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
    c01 1
    c02 2
    c03 3
    c04 4
    c05 5
    c06 6
    c07 7
    c08 8
    c09 9
    c10 10
    c11 11
    c12 12
    c13 13
    c14 14
    c15 15
    c16 16
    c17 17
    c18 18
    c19 19
    c20 20
    c21 21
    c22 22
    c23 23
    c24 24
    c25 25
    c26 26
    c27 27
    c28 28
    c29 29
    c31 31
    c32 32
    c33 33
    c34 34
    c35 35
    c36 36
    c37 37
    c38 38
    c39 39
    c40 40
    c41 41
    c42 42
    c43 43
}

#[test]
fn each_claim_stands_once() {
    let numbers: Vec<u8> = claims().iter().map(|(_, claim)| claim.number).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<u8>>());
}

#[test]
fn only_c30_is_decided_by_reading() {
    let all = claims();
    let by_reading = all
        .iter()
        .filter(|(_, c)| matches!(c.proof, Proof::Text(_)));
    let numbers: Vec<u8> = by_reading.map(|(_, claim)| claim.number).collect();
    assert_eq!(numbers, [30]);
}
