//! Rounds of turns, so that other load on the machine hits all contenders alike, and what follows from them.

use crate::Spread;

/// The results of each contender, one per round.
#[derive(Debug)]
pub struct Turns<T>(Vec<Vec<T>>);

/// Has each of `contenders` take a turn in each of `count` rounds; each comes first equally often.
///
/// # Errors
///
/// Returns the first error of a turn.
pub fn rounds<C, T>(
    contenders: &mut [C],
    count: usize,
    mut turn: impl FnMut(&mut C) -> anyhow::Result<T>,
) -> anyhow::Result<Turns<T>> {
    let mut results: Vec<Vec<T>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..count {
        for place in 0..contenders.len() {
            let number = (round + place) % contenders.len();
            results[number].push(turn(&mut contenders[number])?);
        }
    }
    Ok(Turns(results))
}

impl<T> Turns<T> {
    /// Returns the turns of all contenders.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    /// Returns the spread of a value of the contender with this number.
    pub(crate) fn spread(&self, contender: usize, value: impl Fn(&T) -> f64) -> Spread {
        Spread::of(self.0[contender].iter().map(value))
    }

    /// Returns each contender's median of a value.
    pub fn medians(&self, value: impl Fn(&T) -> f64) -> Vec<f64> {
        let contenders = 0..self.0.len();
        let medians = contenders.map(|number| self.spread(number, &value).median);
        medians.collect()
    }

    /// Returns the spread of each round's ratio of a contender's value to another's.
    pub(crate) fn ratio(&self, own: usize, other: usize, value: impl Fn(&T) -> f64) -> Spread {
        let pairs = self.0[own].iter().zip(&self.0[other]);
        Spread::of(pairs.map(|(own, other)| value(own) / value(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_first_as_often_as_the_others() -> anyhow::Result<()> {
        let mut order = String::new();
        let results = rounds(&mut ['a', 'b', 'c'], 3, |name| {
            order.push(*name);
            Ok(format!("{name}{}", order.len()))
        })?;
        assert_eq!(order, "abcbcacab");
        assert_eq!(results.0[0], ["a1", "a6", "a8"], "its own, in order");
        Ok(())
    }
}
