//! Changes to a text, by place.

use std::ops::Range;

/// What is to be put in the place of what.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Puts `text` in the place of `range`. Ranges do not overlap.
    pub(super) fn replace(&mut self, range: Range<usize>, text: String) {
        self.0.push((range, text));
    }

    /// `text` with all of them made.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut edited = String::with_capacity(text.len());
        let mut place = 0;
        for (range, new) in &self.0 {
            edited.push_str(&text[place..range.start]);
            edited.push_str(new);
            place = range.end;
        }
        edited.push_str(&text[place..]);
        edited
    }
}
