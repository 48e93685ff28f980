//! The cost of each way to wait against the number of descriptors, next to published figures.

use suite::Room;

use super::Findings;
use super::notifier::NAMES;
use super::shape::at_least;
use crate::{Curve, Figure, OnStep};

/// A published curve: its name, and the value at each number of descriptors.
pub(super) type Published = (&'static str, &'static [(f64, f64)]);

/// A set-up with published curves, of one source or more, each in the order of [`NAMES`]. The first source's are drawn
/// next to our own.
pub(super) struct SetUp {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) counts: &'static [usize],
    pub(super) published: &'static [[Published; 3]],
}

impl SetUp {
    /// Calls `measure` for the figure of each of [`NAMES`] at each number of descriptors. Returns our own curves, in
    /// the order of [`NAMES`].
    pub(super) fn curves(
        &self,
        found: &mut Findings,
        progress: OnStep,
        mut measure: impl FnMut(usize) -> anyhow::Result<Vec<f64>>,
    ) -> anyhow::Result<[Curve; 3]> {
        let wanted = self.counts.last().copied().unwrap_or(0);
        let most = found.fit(Room::for_connections("descriptors", wanted));
        let mut own = NAMES.map(|name| Curve::own(name, Vec::new()));
        for &count in self.counts.iter().filter(|count| **count <= most) {
            progress(&format!("{count} descriptors"));
            for (curve, value) in own.iter_mut().zip(measure(count)?) {
                curve.points.push((count as f64, value));
            }
        }
        let mut figure = Figure::new(self.title, "descriptors", self.unit);
        figure.curves.extend(own.clone());
        for (number, source) in self.published.iter().enumerate() {
            let published = source.map(|(name, points)| Curve::published(name, points));
            found.notes.extend(super::disorders(&own, &published));
            if number == 0 {
                figure.curves.extend(published);
            }
        }
        found.figures.push(figure);
        Ok(own)
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
