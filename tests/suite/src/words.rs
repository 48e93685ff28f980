//! Failed assertions, and errors, as sentences.

use std::io;

/// Returns the text of a failed assertion without the words of the language that it was written in.
pub(crate) fn in_words(text: &str) -> String {
    let Some((_, rest)) = text.split_once("assertion `left == right` failed") else {
        return text.to_owned();
    };
    let parts = rest
        .trim_start_matches(": ")
        .split_once("\n  left: ")
        .or_else(|| rest.split_once("\n  left: "));
    let Some((what, (seen, expected))) =
        parts.and_then(|(what, values)| Some((what, values.split_once("\n right: ")?)))
    else {
        return text.to_owned();
    };
    let colon = if what.is_empty() { "" } else { ": " };
    format!(
        "{what}{colon}seen {}, expected {}",
        bytes_as_text(seen),
        bytes_as_text(expected)
    )
}

/// Returns `[104, 105]` as "hi"; anything else as it is.
fn bytes_as_text(value: &str) -> String {
    let inside = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let numbers = inside.map(|inside| {
        let numbers = inside.split(", ").filter(|number| !number.is_empty());
        numbers.map(str::parse).collect::<Result<Vec<u8>, _>>()
    });
    match numbers {
        Some(Ok(bytes)) if bytes.is_empty() => "nothing".into(),
        Some(Ok(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        _ => value.to_owned(),
    }
}

/// Returns a whole number with its thousands apart: 65,536.
pub fn number(value: impl ToString) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The word on the remedy if something is forbidden that the suite needs.
pub(crate) const REMEDY: &str = "`cargo lab doctor` says what helps";

/// Returns an error in words, with a word on the remedy if something is forbidden that the suite needs.
pub(crate) fn with_remedy(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported => {
            format!("{error}: allow ptrace (docker run --cap-add SYS_PTRACE); {REMEDY}")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_assertion_is_a_sentence() {
        let text =
            "assertion `left == right` failed: the second one\n  left: []\n right: [104, 105]";
        assert_eq!(
            in_words(text),
            "the second one: seen nothing, expected \"hi\""
        );
        let text = "assertion `left == right` failed\n  left: 1\n right: 2";
        assert_eq!(in_words(text), "seen 1, expected 2");
        assert_eq!(in_words("it has ended"), "it has ended");
    }
}
