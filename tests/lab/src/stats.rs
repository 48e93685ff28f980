//! A few numbers out of many.

/// The median; 0 of nothing. Of an even number it is the upper of the two in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    spread(values).0
}

/// The median, the least and the most; zeros of nothing.
pub fn spread(values: impl IntoIterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => (0.0, 0.0, 0.0),
        [least, .., most] => (values[values.len() / 2], *least, *most),
        [only] => (*only, *only, *only),
    }
}

/// The slope of a curve over two logarithmic axes, by least squares: 1 for what grows as its cause does, 0
/// for what does not grow. `None` for fewer than two places on the x axis. Points at 0 or below it, which have
/// no logarithm, do not count.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
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
