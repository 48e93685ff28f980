//! A logarithmic axis: where a value lies on it, and which values label it.

/// The range that an axis covers, as logarithms.
#[derive(Debug)]
pub(super) struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    /// Returns the axis for some values, with at least two powers of ten on it, because those carry the labels. `None`
    /// if no value has a logarithm.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let logarithms = values.filter_map(logarithm);
        let (from, to) = logarithms.fold((f64::MAX, f64::MIN), |(from, to), value| {
            (from.min(value), to.max(value))
        });
        let (first, last) = (from.floor(), to.ceil());
        if from > to {
            None
        } else if to.floor() > from.ceil() {
            Some(Self { from, to })
        } else {
            let to = last.max(first + 1.0);
            Some(Self { from: first, to })
        }
    }

    /// Returns a value's place, from 0 to 1, or `None` if it has no logarithm.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        Some((logarithm(value)? - self.from) / (self.to - self.from))
    }

    /// Returns the powers of ten on the axis, each with its place.
    pub(super) fn powers(&self) -> impl Iterator<Item = (f64, f64)> {
        let powers = self.from.ceil() as i32..=self.to.floor() as i32;
        let powers = powers.map(|power| 10_f64.powi(power));
        powers.filter_map(|power| Some((power, self.place(power)?)))
    }
}

fn logarithm(value: f64) -> Option<f64> {
    (value > 0.0 && value.is_finite()).then(|| value.log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_two_powers_of_ten() {
        for (values, powers) in [
            (&[20.0, 30.0][..], &[10.0, 100.0][..]),
            (&[10.0], &[10.0, 100.0]),
            (&[0.0, 7.0, 12_000.0], &[10.0, 100.0, 1_000.0, 10_000.0]),
        ] {
            let axis = Axis::of(values.iter().copied());
            let found = axis.map(|axis| axis.powers().map(|(power, _)| power).collect());
            assert_eq!(found, Some(powers.to_vec()), "{values:?}");
        }
        assert!(Axis::of([0.0, -1.0, f64::NAN].into_iter()).is_none());
    }
}
