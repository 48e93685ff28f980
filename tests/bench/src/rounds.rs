//! Rounds of turns, so that other load on the machine hits all contenders alike.

/// Has each of `contenders` take a turn in each of `count` rounds; each comes first equally often. Returns each
/// contender's results, one per round.
///
/// # Errors
///
/// Returns the first error of a turn.
pub fn rounds<C, T>(
    contenders: &mut [C],
    count: usize,
    mut turn: impl FnMut(&mut C) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<Vec<T>>> {
    let mut results: Vec<Vec<T>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..count {
        for place in 0..contenders.len() {
            let number = (round + place) % contenders.len();
            results[number].push(turn(&mut contenders[number])?);
        }
    }
    Ok(results)
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
        assert_eq!(results[0], ["a1", "a6", "a8"], "its own, in order");
        Ok(())
    }
}
