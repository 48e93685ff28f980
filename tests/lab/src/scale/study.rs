//! What a part of the command has found: curves, and what they have to look like.

use serde::Serialize;

use crate::Evidence;
use crate::show::{Axis, Document, Plot, Series, Shown, Tone, evidence, number};
use crate::stats::slope;

/// A set-up, measured here.
#[derive(Debug, Default, Serialize)]
pub(super) struct Study {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What is done, and how it is judged.
    pub(super) about: &'static str,
    /// What was made smaller, and where a published order does not hold here.
    pub(super) notes: Vec<String>,
    pub(super) figures: Vec<Figure>,
    pub(super) evidence: Evidence,
}

/// Curves over two logarithmic axes.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) title: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
    pub(super) curves: Vec<Curve>,
}

/// A curve.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Curve {
    pub(super) name: String,
    /// Whether others have measured it.
    pub(super) published: bool,
    pub(super) points: Vec<(f64, f64)>,
}

impl Curve {
    /// A curve that was measured here.
    pub(super) fn own(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.into(),
            published: false,
            points,
        }
    }

    /// A curve that others have measured.
    pub(super) fn published(name: &str, points: &[(f64, f64)]) -> Self {
        Self {
            name: name.into(),
            published: true,
            points: points.to_vec(),
        }
    }

    /// Its slope over two logarithmic axes, from `from` on; 0 if that is no curve.
    pub(super) fn slope_from(&self, from: f64) -> f64 {
        let points = self.points.iter().filter(|(x, _)| *x >= from);
        slope(&points.copied().collect::<Vec<_>>()).unwrap_or(0.0)
    }

    /// Its value at `x`, if it has a point there.
    pub(super) fn at(&self, x: f64) -> Option<f64> {
        let point = self.points.iter().find(|(place, _)| *place == x);
        point.map(|(_, y)| *y)
    }

    /// Its last value.
    pub(super) fn last(&self) -> f64 {
        self.points.last().map_or(0.0, |(_, y)| *y)
    }
}

/// Where the order of published curves does not hold for those of one's own, which stand in the same
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

impl Figure {
    fn plot(&self) -> Plot {
        let axis = |label: &str| Axis {
            label: label.to_owned(),
            logarithmic: true,
        };
        let series = self.curves.iter().map(|curve| Series {
            name: curve.name.clone(),
            points: curve.points.clone(),
            published: curve.published,
        });
        Plot {
            title: self.title.to_owned(),
            x: axis(self.x),
            y: axis(self.y),
            series: series.collect(),
        }
    }
}

impl Shown for Study {
    const KIND: &'static str = "scale";

    fn document(&self) -> Document {
        let mut document = Document::new(self.title);
        document.text(self.about);
        for figure in &self.figures {
            document.plot(figure.plot());
        }
        document.table(evidence(&self.evidence));
        for note in &self.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_part_that_counts() {
        let curve = Curve::own("poll", vec![(1.0, 9.0), (10.0, 10.0), (1000.0, 1000.0)]);
        assert!((curve.slope_from(10.0) - 1.0).abs() < 1e-9);
        assert!(curve.slope_from(1.0) < 0.9);
        assert!(
            curve.slope_from(1000.0).abs() < 1e-9,
            "one point is no curve"
        );
    }

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
