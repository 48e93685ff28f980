//! The notes for a person who presents a page. In the text they are comments, `<!-- note: … -->`, each on a line of its own
//! below what it is about. The page of a chapter is where they are written, and the teachers' page lists them.

use std::fmt::Write;

use crate::{chapters, read};

/// Returns what a line says to a person who presents the page, if it is a note.
pub fn note(line: &str) -> Option<&str> {
    let note = line.trim_end().strip_prefix("<!-- note: ");
    note.and_then(|note| note.strip_suffix(" -->"))
}

/// Returns a list of the notes of a chapter, behind links to the sections that they are for.
///
/// # Errors
///
/// Returns an error if the chapter cannot be read.
pub(super) fn list(chapter: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let (mut heading, mut listed, mut in_code) = (String::new(), String::new(), false);
    for line in read(&chapters().join(format!("{chapter}.md")))?.lines() {
        in_code ^= line.starts_with("```");
        let title = line
            .strip_prefix("## ")
            .or_else(|| line.strip_prefix("### "));
        if let Some(title) = title.filter(|_| !in_code) {
            heading = title.to_owned();
        } else if let Some(note) = note(line) {
            if listed != heading {
                listed.clone_from(&heading);
                let place = place(&heading);
                // Writing to a string does not fail.
                let _ = write!(text, "\n- In [{heading}]({chapter}.md#{place}):");
            }
            text.push(' ');
            text += note;
        }
    }
    Ok(format!("{text}\n\n"))
}

/// Returns the name of a heading's place in its page.
fn place(heading: &str) -> String {
    let letters = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        letter => (letter.is_alphanumeric() || "-_".contains(letter)).then_some(letter),
    });
    letters.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{note, place};

    #[test]
    fn a_comment_of_another_kind_is_no_note() {
        assert_eq!(note("<!-- note: ask *why* -->"), Some("ask *why*"));
        assert_eq!(note("<!-- red: two -->"), None);
    }

    #[test]
    fn a_place_is_named_as_mdbook_names_it() {
        assert_eq!(place("Let a client's error out"), "let-a-clients-error-out");
        assert_eq!(place("Use `thread::spawn`"), "use-threadspawn");
    }
}
