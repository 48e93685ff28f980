//! A part of a file (RFC 9110, section 14).

use std::ops::Range;

use crate::Fields;

/// Which bytes of a file a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All of them.
    Whole,
    /// From the first number up to, but not including, the second one.
    Part(Range<u64>),
    /// None: the file has no such bytes.
    Unsatisfiable,
}

/// Returns which bytes the Range field selects, of a file of `size` bytes. A server may ignore the field.
/// Here several ranges at a time are ignored, another unit, and whatever is malformed.
pub(crate) fn selection(fields: Fields, size: u64) -> Selection {
    let range = fields.single("range").and_then(parse);
    match range {
        None => Selection::Whole,
        // The last position counts too.
        Some(Spec::From(first, last)) if first < size => {
            Selection::Part(first..last.saturating_add(1).min(size))
        }
        // The last bytes of an empty file are all that it has (section 14.1.2), and no Content-Range names
        // a part without a byte.
        Some(Spec::Last(1..)) if size == 0 => Selection::Whole,
        Some(Spec::Last(length @ 1..)) => Selection::Part(size.saturating_sub(length)..size),
        Some(_) => Selection::Unsatisfiable,
    }
}

enum Spec {
    /// `first-last` or `first-`
    From(u64, u64),
    /// `-length`
    Last(u64),
}

fn parse(value: &[u8]) -> Option<Spec> {
    let (unit, spec) = str::from_utf8(value).ok()?.split_once('=')?;
    let (first, last) = spec.trim_matches([' ', '\t']).split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    match (first, last) {
        ("", length) => Some(Spec::Last(number(length)?)),
        (first, "") => Some(Spec::From(number(first)?, u64::MAX)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Spec::From(first, last))
        }
    }
}

/// Parses a number of any length. A number that is too large to count is as good as the largest.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
