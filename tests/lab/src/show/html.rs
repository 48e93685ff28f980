//! A page of HTML that needs nothing beside it.

use super::Document;
use crate::world::Machine;

/// The page.
pub(super) fn page(_machine: &Machine, _documents: &[Document]) -> String {
    String::new()
}
