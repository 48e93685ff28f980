//! The [notes](note) for a person who presents a page: in the browser they are shown with `?notes`.

use crate::blocks::note;

/// Returns `text` with its notes as parts of the page.
pub(super) fn show(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match note(line) {
            Some(note) => {
                shown += "<aside class=\"speaker-note\">\n\n";
                shown += note;
                shown += "\n\n</aside>\n";
            }
            None => shown += line,
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::show;

    #[test]
    fn a_note_becomes_part_of_the_page_and_other_comments_stay() {
        let shown = show("# One\n\n<!-- note: ask *why* -->\n<!-- red: two -->\n");
        let note = "<aside class=\"speaker-note\">\n\nask *why*\n\n</aside>\n";
        assert_eq!(shown, format!("# One\n\n{note}<!-- red: two -->\n"));
    }
}
