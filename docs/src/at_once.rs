//! Work that mostly waits, done by several threads.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Tasks that are under way at the same time.
const AT_ONCE: usize = 4;

/// Does `work` on each task, in order, a few at the same time. Returns the results, in no order.
///
/// # Errors
///
/// Returns an error of `work`, once the other threads have done the rest.
pub(crate) fn at_once<T: Send, R: Send>(
    tasks: Vec<T>,
    work: impl Fn(T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let tasks = Mutex::new(tasks.into_iter());
    let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        std::iter::from_fn(next)
            .map(&work)
            .collect::<anyhow::Result<Vec<R>>>()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        let mut results = Vec::new();
        for worker in workers {
            results.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(results)
    })
}
