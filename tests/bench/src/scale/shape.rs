//! What a curve looks like, and what it has to look like.

use std::fmt::Display;

/// A property of what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What it is, with its unit.
    pub what: String,
    /// Its value here.
    pub seen: String,
    /// What it has to be; empty if it is only shown.
    pub expected: String,
    /// Whether the one is as the other says.
    pub holds: bool,
}

/// What a value has to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
    Between(f64, f64),
}

impl Bound {
    fn admits(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Between(least, most) => least <= value && value <= most,
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least:.2}"),
            Self::AtMost(most) => format!("≤ {most:.2}"),
            Self::Between(least, most) => format!("{least:.2} … {most:.2}"),
        }
    }
}

impl Shape {
    /// Returns a slope, and what it has to be. One that is not known, because there are too few points, is not as
    /// expected.
    pub(super) fn slope(what: impl Into<String>, value: Option<f64>, bound: Bound) -> Self {
        Self::judged(what, value.unwrap_or(f64::NAN), Some(bound), "")
    }

    /// Returns a ratio, and what it has to be, if anything.
    pub(super) fn ratio(what: impl Into<String>, value: f64, bound: Option<Bound>) -> Self {
        Self::judged(what, value, bound, " ×")
    }

    /// Returns something to know, which nothing depends on.
    pub(super) fn aside(what: impl Into<String>, seen: impl Display) -> Self {
        Self {
            what: what.into(),
            seen: seen.to_string(),
            expected: String::new(),
            holds: true,
        }
    }

    fn judged(what: impl Into<String>, value: f64, bound: Option<Bound>, unit: &str) -> Self {
        Self {
            what: what.into(),
            seen: if value.is_nan() {
                "?".into()
            } else {
                format!("{value:.2}{unit}")
            },
            expected: bound.map_or(String::new(), |bound| bound.in_words() + unit),
            // Also where nothing is expected, a ratio of nothing is none.
            holds: bound.map_or(value.is_finite(), |bound| bound.admits(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_says_and_does_the_same() {
        let cases = [
            (Bound::AtLeast(1.5), "≥ 1.50 ×", [1.5, 9.0], [1.49, -1.0]),
            (Bound::AtMost(1.1), "≤ 1.10 ×", [1.1, 0.0], [1.11, 9.0]),
            (
                Bound::Between(0.67, 1.5),
                "0.67 … 1.50 ×",
                [0.67, 1.5],
                [0.66, 1.51],
            ),
        ];
        for (bound, words, inside, outside) in cases {
            for (values, holds) in [(inside, true), (outside, false), ([f64::NAN; 2], false)] {
                for value in values {
                    let shape = Shape::ratio("poll", value, Some(bound));
                    assert_eq!((shape.expected.as_str(), shape.holds), (words, holds));
                }
            }
        }
        assert_eq!(Shape::ratio("poll", 0.5, None).expected, "");
    }
}
