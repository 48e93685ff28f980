//! A token outlives no connection.

use std::io;

use stage_06::{Slab, Token};

/// Puts a value in, and gives its token.
fn insert(slab: &mut Slab<&'static str>, value: &'static str) -> Token {
    let mut given = None;
    let inserted = slab.insert_with(|token| {
        given = Some(token);
        Ok(value)
    });
    assert!(inserted.is_ok());
    given.unwrap_or(Token::reserved(0))
}

#[test]
fn an_old_token_does_not_find_who_came_after() {
    let mut slab = Slab::new();
    let first = insert(&mut slab, "first");
    assert_eq!(slab.remove(first), Some("first"));
    let second = insert(&mut slab, "second");
    assert_ne!(first, second, "the place is the same, the token is not");
    assert_eq!(slab.get_mut(first), None);
    assert_eq!(slab.remove(first), None);
    assert_eq!(slab.get_mut(second), Some(&mut "second"));
    slab.retain(|_| false);
    assert_eq!(slab.get_mut(second), None);
    assert!(slab.is_empty());
}

#[test]
fn a_value_that_could_not_be_made_takes_no_place() {
    let mut slab = Slab::new();
    let failed = slab.insert_with(|_| Err(io::ErrorKind::OutOfMemory.into()));
    assert!(failed.is_err() && slab.is_empty());
    let token = insert(&mut slab, "one");
    assert_eq!(slab.remove(token), Some("one"));
    assert!(slab.is_empty());
}
