//! What a part has found.

use serde::Serialize;
use suite::number;

use super::Shape;
use crate::{Curve, Figure};

/// A set-up, measured here.
#[derive(Debug, Default, Serialize)]
pub struct Study {
    /// The name of the part.
    pub name: &'static str,
    /// What it is, and who has published it.
    pub title: &'static str,
    /// What is done, and how it is judged.
    pub about: &'static str,
    /// What was made smaller, and where a published order does not hold here.
    pub notes: Vec<String>,
    /// The curves.
    pub figures: Vec<Figure>,
    /// What the curves have to look like.
    #[serde(skip)]
    pub shapes: Vec<Shape>,
}

/// Returns where the order of published curves does not hold for those of one's own, which are in the same
/// sequence. What was published within 20 % of each other has no order.
pub(super) fn disorders(own: &[Curve], published: &[Curve]) -> Vec<String> {
    const CLEAR: f64 = 1.2;
    let mut found = Vec::new();
    for (dear, dear_published) in own.iter().zip(published) {
        for (cheap, cheap_published) in own.iter().zip(published) {
            for (x, value) in &dear_published.points {
                let there = cheap_published.at(*x).map(|other| value / other);
                let here = dear.at(*x).zip(cheap.at(*x)).map(|(a, b)| a / b);
                if let Some((there, here)) = there.zip(here)
                    && there >= CLEAR
                    && here < 1.0
                {
                    found.push(format!(
                        "At {} the published order does not hold here: {} takes {here:.2} of what {} \
                         takes; of {} it was {there:.2}.",
                        number(*x as u64),
                        dear.name,
                        cheap.name,
                        cheap_published.name
                    ));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_does_not_hold_is_found_where_it_was_clear() {
        let published = [
            Curve::published("a", &[(10.0, 1.0), (100.0, 9.0)]),
            Curve::published("b", &[(10.0, 1.1), (100.0, 3.0)]),
        ];
        let own = |last| {
            [
                Curve::own("a", vec![(10.0, 2.0), (100.0, last)]),
                Curve::own("b", vec![(10.0, 1.0), (100.0, 4.0)]),
            ]
        };
        assert!(disorders(&own(5.0), &published).is_empty());
        let found = disorders(&own(2.0), &published);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("a takes 0.50 of what b takes; of b it was 3.00"),
            "{found:?}"
        );
    }
}
