//! Curves: a picture in the style of the book, or the values as a table.

mod axis;
mod svg;

use std::iter;

use serde::{Deserialize, Serialize};
use suite::number;

use crate::slope;
use axis::Axis;

/// Curves over two logarithmic axes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// A line.
    pub title: String,
    /// The quantity that grows from left to right, with its unit.
    pub x: String,
    /// The quantity that grows upwards, with its unit.
    pub y: String,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// A curve.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// True if others measured it.
    pub published: bool,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

impl Figure {
    /// Returns a figure without curves.
    pub(crate) fn new(title: &str, x: &str, y: &str) -> Self {
        Self {
            title: title.into(),
            x: x.into(),
            y: y.into(),
            curves: Vec::new(),
        }
    }

    /// Returns the values as a table: its column names, and a row for each place on the x axis.
    pub fn values(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let names = self.curves.iter().map(Curve::in_words);
        let columns = iter::once(self.x.clone()).chain(names).collect();
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let mut places: Vec<f64> = points.map(|(x, _)| *x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let row = |place: f64| {
            let values = self.curves.iter().map(|curve| curve.at(place));
            let values = values.map(|value| value.map_or(String::new(), short));
            iter::once(short(place)).chain(values).collect()
        };
        (columns, places.into_iter().map(row).collect())
    }

    /// Returns both axes, or `None` if no point has a place on them.
    fn axes(&self) -> Option<(Axis, Axis)> {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let x = Axis::of(points().map(|(x, _)| *x));
        x.zip(Axis::of(points().map(|(_, y)| *y)))
    }
}

impl Curve {
    /// Returns a curve measured here.
    pub fn own(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self {
            name: name.into(),
            published: false,
            points,
        }
    }

    /// Returns a curve that others published.
    pub fn published(name: impl Into<String>, points: &[(f64, f64)]) -> Self {
        Self {
            published: true,
            ..Self::own(name, points.to_vec())
        }
    }

    /// Returns its slope on logarithmic axes, from `from` on, or `None` if fewer than two points are left.
    pub fn slope_from(&self, from: f64) -> Option<f64> {
        let points = self.points.iter().filter(|(x, _)| *x >= from);
        slope(&points.copied().collect::<Vec<_>>())
    }

    /// Returns the curve's value at `x`, if it has a point there.
    pub fn at(&self, x: f64) -> Option<f64> {
        let point = self.points.iter().find(|(place, _)| *place == x);
        point.map(|(_, y)| *y)
    }

    /// Returns the curve's last value, or 0 if it has none.
    pub fn last(&self) -> f64 {
        self.points.last().map_or(0.0, |(_, y)| *y)
    }

    /// Returns the curve's name, marked if it was published by others.
    fn in_words(&self) -> String {
        let published = if self.published { " (published)" } else { "" };
        format!("{}{published}", self.name)
    }
}

/// Returns a number with three significant digits; whole numbers stay whole.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => return number(value.round() as u64),
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_row_for_each_place() {
        let mut figure = Figure::new("title", "idle", "µs");
        let published = Curve::published("poll", &[(0.0, 7.0), (100.0, 60.0)]);
        figure.curves = vec![
            Curve::own("epoll", vec![(10.0, 2.0), (100.0, 2.5)]),
            published,
        ];
        let (columns, rows) = figure.values();
        assert_eq!(columns, ["idle", "epoll", "poll (published)"]);
        assert_eq!(
            rows,
            [["0", "", "7"], ["10", "2", ""], ["100", "2.5", "60"]]
        );
    }

    #[test]
    fn a_slope_is_that_of_the_part_that_counts() {
        let curve = Curve::own("poll", vec![(1.0, 9.0), (10.0, 10.0), (1000.0, 1000.0)]);
        let within = |from, low, high| {
            let slope = curve.slope_from(from);
            slope.is_some_and(|slope| low < slope && slope < high)
        };
        assert!(within(10.0, 0.999, 1.001) && within(1.0, 0.1, 0.9));
        assert_eq!(curve.slope_from(1000.0), None, "one point is no curve");
    }

    #[test]
    fn numbers_have_three_digits() {
        let texts = [0.05, 0.2761, 1.0, 10.0, 24.44, 10_000.4].map(short);
        assert_eq!(texts, ["0.05", "0.276", "1", "10", "24.4", "10,000"]);
    }
}
