//! A few numbers out of many.

use serde::Serialize;

/// The median, the least and the most; all 0 if there are no values. JSON has them as a list of three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(into = "(f64, f64, f64)")]
pub struct Spread {
    /// The middle value; for an even number of values, the upper of the two.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Returns the spread of the values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
        Self {
            median: at(values.len() / 2),
            least: at(0),
            most: at(values.len().saturating_sub(1)),
        }
    }

    /// Returns the spread of each round's ratio of a value of `own` to that of `other`.
    pub(crate) fn of_ratios<T>(own: &[T], other: &[T], value: impl Fn(&T) -> f64) -> Self {
        let rounds = own.iter().zip(other);
        Self::of(rounds.map(|(own, other)| value(own) / value(other)))
    }
}

impl From<Spread> for (f64, f64, f64) {
    fn from(spread: Spread) -> Self {
        (spread.median, spread.least, spread.most)
    }
}

/// Returns the median, or 0 if there are no values.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(values).median
}

/// Returns the slope of a curve over two logarithmic axes, by least squares: 1 for a cost that grows in proportion, 0
/// for one that does not grow, `None` for fewer than two places on the x axis. Points at 0 or below, which have no
/// logarithm, do not count.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = (points.iter())
        .filter(|(x, y)| *x > 0.0 && *y > 0.0)
        .map(|(x, y)| (x.ln(), y.ln()))
        .collect();
    let count = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let products = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y));
    let squares = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x));
    let (products, squares): (f64, f64) = (products.sum(), squares.sum());
    (squares > 0.0).then(|| products / squares)
}
