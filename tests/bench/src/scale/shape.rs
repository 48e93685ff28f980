//! The shape of a curve, and the shape required of it.

use super::Findings;
use crate::Fact;

/// The least and the most that a value may be.
pub(super) type Bounds = (f64, f64);

/// No bounds: the value is only shown.
pub(super) const UNBOUNDED: Bounds = (f64::NEG_INFINITY, f64::INFINITY);

pub(super) const fn at_least(least: f64) -> Bounds {
    (least, f64::INFINITY)
}

pub(super) const fn at_most(most: f64) -> Bounds {
    (f64::NEG_INFINITY, most)
}

impl Findings {
    /// Notes a slope and its bounds. An unknown slope, from too few points, does not hold.
    pub(super) fn slope(&mut self, what: impl Into<String>, value: Option<f64>, bounds: Bounds) {
        self.judge(what, value.unwrap_or(f64::NAN), bounds, "");
    }

    /// Notes a ratio and its bounds. A ratio of nothing does not hold.
    pub(super) fn ratio(&mut self, what: impl Into<String>, value: f64, bounds: Bounds) {
        self.judge(what, value, bounds, " ×");
    }

    /// Notes something worth knowing that nothing depends on.
    pub(super) fn aside(&mut self, what: impl Into<String>, seen: String) {
        self.facts.push(Fact {
            what: what.into(),
            seen,
            expected: String::new(),
            holds: true,
        });
    }

    fn judge(&mut self, what: impl Into<String>, value: f64, (least, most): Bounds, unit: &str) {
        let is_known = value.is_finite();
        self.facts.push(Fact {
            what: what.into(),
            seen: match is_known {
                true => format!("{value:.2}{unit}"),
                false => "?".into(),
            },
            expected: match (least.is_finite(), most.is_finite()) {
                (true, true) => format!("{least:.2} … {most:.2}{unit}"),
                (true, false) => format!("≥ {least:.2}{unit}"),
                (false, true) => format!("≤ {most:.2}{unit}"),
                (false, false) => String::new(),
            },
            holds: is_known && (least..=most).contains(&value),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_say_and_do_the_same() {
        let cases = [
            (at_least(1.5), "≥ 1.50 ×", [1.5, 9.0], [1.49, -1.0]),
            (at_most(1.1), "≤ 1.10 ×", [1.1, 0.0], [1.11, 9.0]),
            ((0.67, 1.5), "0.67 … 1.50 ×", [0.67, 1.5], [0.66, 1.51]),
            (UNBOUNDED, "", [-1.0, 9.0], [f64::NAN, f64::INFINITY]),
        ];
        for (bounds, words, inside, outside) in cases {
            for (values, holds) in [(inside, true), (outside, false), ([f64::NAN; 2], false)] {
                for value in values {
                    let mut found = Findings::default();
                    found.ratio("poll", value, bounds);
                    let fact = &found.facts[0];
                    assert_eq!((fact.expected.as_str(), fact.holds), (words, holds));
                }
            }
        }
    }
}
