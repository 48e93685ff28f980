//! A token outlives no connection.

use stage_06::Slab;

#[test]
fn an_old_token_does_not_find_the_value_that_came_after() {
    let mut slab = Slab::new();
    let first = slab.insert("first");
    assert_eq!(slab.remove(first), Some("first"));
    let second = slab.insert("second");
    assert_ne!(first, second, "the place is the same, the token is not");
    assert_eq!(slab.get_mut(first), None);
    assert_eq!(slab.remove(first), None);
    assert_eq!(slab[second], "second");
    assert_eq!(slab.get_mut(second), Some(&mut "second"));
    assert_eq!(slab.len(), 1);
    slab.retain(|_| false);
    assert_eq!(slab.get_mut(second), None);
    assert!(slab.is_empty());
}
