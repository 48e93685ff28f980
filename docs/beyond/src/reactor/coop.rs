//! The cooperative budget: ends the turn of a task that would never be out of work.

use std::cell::Cell;
use std::task::{Context, Poll};

/// How many calls a task may make in one turn: as many as the 16 steps of stage 7, each of which reads and writes.
const BUDGET: u32 = 32;

thread_local! {
    /// How many the running task has left. Whatever it awaits can ask, without being handed anything.
    static LEFT: Cell<u32> = const { Cell::new(BUDGET) };
}

/// Runs a task's turn with a fresh budget.
pub(super) fn budget<T>(turn: impl FnOnce() -> T) -> T {
    LEFT.set(BUDGET);
    turn()
}

/// Takes a call from the budget. When none is left, wakes the task and ends its turn: it is ready, and no edge will
/// say so again.
pub(super) fn poll_proceed(cx: &mut Context<'_>) -> Poll<()> {
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(1));
    if left == 0 {
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    Poll::Ready(())
}
