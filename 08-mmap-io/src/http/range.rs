//! A part of a file (RFC 9110, section 14).

use super::Fields;

/// Which bytes a request is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// All of them.
    Whole,
    /// From the first number up to, but not including, the second one.
    Part(std::ops::Range<u64>),
    /// None: the file has no such bytes.
    Unsatisfiable,
}

/// What the Range field asks for, of a file of `size` bytes. A server may ignore it; here that is done
/// with several ranges at a time, and with whatever is malformed or has another unit.
pub fn requested(fields: Fields, size: u64) -> Range {
    let range = fields.single("range").and_then(parse);
    match range {
        None => Range::Whole,
        // The last position counts too.
        Some(Spec::From(first, last)) if first < size => {
            Range::Part(first..last.saturating_add(1).min(size))
        }
        Some(Spec::Last(length)) if length > 0 && size > 0 => {
            Range::Part(size.saturating_sub(length)..size)
        }
        Some(_) => Range::Unsatisfiable,
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

/// A number of any length; one that is too large to count is as good as the largest.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
