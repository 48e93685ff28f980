//! An axis: where a value stands on it, and which values are written beside it.

use crate::show::Axis;

/// What an axis covers, as its logarithms if it is logarithmic.
#[derive(Debug)]
pub(super) struct Range {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Range {
    /// The range of some values; `None` if no value can be drawn. If it is `whole`, a
    /// logarithmic axis begins at a power of ten, and another one at 0.
    pub(super) fn of(axis: &Axis, values: impl Iterator<Item = f64>, whole: bool) -> Option<Self> {
        let logarithmic = axis.logarithmic;
        let places = values.filter_map(|value| place(value, logarithmic));
        let (from, to) = places.fold((f64::MAX, f64::MIN), |(from, to), place| {
            (from.min(place), to.max(place))
        });
        if from > to {
            return None;
        }
        let (from, to) = match (logarithmic, whole) {
            (true, true) => (from.floor(), to.max(from.floor() + 1.0)),
            (false, true) => (from.min(0.0), to),
            _ => (from, to),
        };
        let to = if to > from { to } else { from + 1.0 };
        Some(Self {
            from,
            to,
            logarithmic,
        })
    }

    /// Where a value is, of so many cells.
    pub(super) fn cell(&self, value: f64, cells: usize) -> Option<usize> {
        let place = place(value, self.logarithmic)?;
        let part = (place - self.from) / (self.to - self.from);
        Some((part * (cells - 1) as f64).round() as usize)
    }

    /// Values to be written at the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        match self.logarithmic {
            true => {
                let powers = self.from.ceil() as i32..=self.to.floor() as i32;
                powers.map(|power| 10_f64.powi(power)).collect()
            }
            false => (0..=4)
                .map(|part| self.from + (self.to - self.from) * f64::from(part) / 4.0)
                .collect(),
        }
    }
}

fn place(value: f64, logarithmic: bool) -> Option<f64> {
    match logarithmic {
        true if value > 0.0 => Some(value.log10()),
        true => None,
        false => Some(value),
    }
}
