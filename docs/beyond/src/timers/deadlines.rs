//! When what is due, in a heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use stage_06::Token;

/// How many entries of connections that are gone may stay in any case.
const FEW: usize = 64;

/// Points in time, of which the first is always at hand.
///
/// In a *heap* each entry comes before its two children, and no other order is kept. So the first one costs
/// nothing to see, and putting in or taking out costs a comparison or two for each level: N entries have
/// log2 N levels. `T` is an `Instant`, but for tests, which count comparisons.
#[derive(Debug)]
pub struct Deadlines<T> {
    heap: BinaryHeap<Reverse<(T, u64)>>,
}

impl<T: Ord + Copy> Deadlines<T> {
    /// Creates an empty heap.
    pub const fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
        }
    }

    /// Notes a deadline of the connection `token`.
    pub fn push(&mut self, at: T, token: Token) {
        self.heap.push(Reverse((at, token.0)));
    }

    /// Returns the first deadline.
    pub fn first(&self) -> Option<T> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out the first deadline if it is not later than `now`, and returns whose it was.
    pub fn pop_due(&mut self, now: T) -> Option<Token> {
        if self.first()? > now {
            return None;
        }
        let Reverse((_, token)) = self.heap.pop()?;
        Some(Token(token))
    }

    /// Takes out the entries of connections that are gone, if these are most of them: there are `present`
    /// connections, of one entry each, and `is_there` knows their tokens.
    ///
    /// A connection that leaves does not look for its entry, which could be anywhere. The entry stays until it
    /// is due, or until this is called. To take out half of all entries costs a step or two for each of them.
    pub fn forget_gone(&mut self, present: usize, mut is_there: impl FnMut(Token) -> bool) {
        if self.heap.len() > 2 * present + FEW {
            self.heap
                .retain(|Reverse((_, token))| is_there(Token(*token)));
        }
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Returns whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<T: Ord + Copy> Default for Deadlines<T> {
    fn default() -> Self {
        Self::new()
    }
}
