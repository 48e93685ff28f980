//! The cost of each way to wait against the number of descriptors, next to published figures.

use suite::Room;

use super::Findings;
use super::notifier::NAMES;
use super::shape::at_least;
use crate::{Curve, Figure, OnStep};

/// Published figures of a source: the numbers of descriptors, and a row of values for each of [`NAMES`].
pub(super) type Published = (&'static str, &'static [f64], [&'static [f64]; 3]);

/// A set-up with published curves: the first source is drawn next to our own curves.
pub(super) struct SetUp {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) counts: &'static [usize],
    pub(super) published: &'static [Published],
}

impl SetUp {
    /// Calls `measure` for the figure of each of [`NAMES`] at each number of descriptors. Returns our own curves, in
    /// the order of [`NAMES`], and the published ones drawn next to them.
    pub(super) fn curves(
        &self,
        found: &mut Findings,
        progress: OnStep,
        mut measure: impl FnMut(usize) -> anyhow::Result<Vec<f64>>,
    ) -> anyhow::Result<([Curve; 3], Vec<Curve>)> {
        let wanted = self.counts.last().copied().unwrap_or(0);
        let most = found.fit(Room::for_connections("descriptors", wanted));
        let mut own = NAMES.map(|name| Curve::own(name, Vec::new()));
        for &count in self.counts.iter().filter(|count| **count <= most) {
            progress(&format!("{count} descriptors"));
            for (curve, value) in own.iter_mut().zip(measure(count)?) {
                curve.points.push((count as f64, value));
            }
        }
        let published = |(source, counts, rows): &Published| {
            let curve = |(name, row): (&str, &&[f64])| {
                let points: Vec<_> = counts.iter().copied().zip(row.iter().copied()).collect();
                Curve::published(format!("{source} {name}"), &points)
            };
            NAMES.into_iter().zip(rows).map(curve).collect()
        };
        let published: Vec<Vec<Curve>> = self.published.iter().map(published).collect();
        for published in &published {
            found.notes.extend(super::disorders(&own, published));
        }
        let first = published.into_iter().next().unwrap_or_default();
        let mut figure = Figure::new(self.title, "descriptors", self.unit);
        figure.curves.extend(own.iter().chain(&first).cloned());
        found.figures.push(figure);
        Ok((own, first))
    }
}

impl Findings {
    /// Notes how many times as much as epoll the others take at the right end, which has to be `least` or more.
    pub(super) fn times(&mut self, [scans @ .., epoll]: &[Curve; 3], least: f64) {
        for curve in scans {
            let what = format!("{} of epoll, at the most descriptors", curve.name);
            self.ratio(what, curve.last() / epoll.last(), at_least(least));
        }
    }
}
