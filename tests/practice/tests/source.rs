//! Bodies and items are found in a source, and replaced, byte for byte.

use practice::source::{body, items, with_body};

const TEXT: &str = "//! Größe\n\nfn one() { 1 }\nstruct Two;\nimpl Two {\n    fn one(&self) -> u8 {\n        2\n    }\n}\n";

#[test]
fn a_body_is_found_also_behind_letters_of_two_bytes() -> anyhow::Result<()> {
    assert_eq!(&TEXT[body(TEXT, "one")?], "{ 1 }");
    assert_eq!(&TEXT[body(TEXT, "Two::one")?], "{\n        2\n    }");
    assert!(body(TEXT, "Two::two").is_err());
    assert!(body("fn one() {", "one").is_err());
    Ok(())
}

#[test]
fn filling_in_restores_every_byte() -> anyhow::Result<()> {
    let old = TEXT[body(TEXT, "Two::one")?].to_owned();
    let hole = with_body(TEXT, "Two::one", "{ todo!() }")?;
    assert_ne!(hole, TEXT);
    assert_eq!(with_body(&hole, "Two::one", &old)?, TEXT);
    Ok(())
}

#[test]
fn items_come_with_their_impl() -> anyhow::Result<()> {
    assert!(items(TEXT, "Two")?.starts_with("struct Two;\n\nimpl Two {"));
    assert!(items(TEXT, "Three").is_err());
    Ok(())
}
