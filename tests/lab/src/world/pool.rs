//! Work that mostly waits, done by several threads at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, mpsc};
use std::thread;

/// Takes the result of one task. Only the first counts: a task that was given up may finish after all.
pub(crate) type Receipt<R> = Arc<dyn Fn(R) + Send + Sync>;

/// Runs `work` on each task, in order, `jobs` at a time, and shows each result to `done` as soon as it arrives. Begins no
/// more tasks once `done` returns false. Returns the results in the order of the tasks. A task that hangs after handing
/// in its result holds up no other: its thread stays behind.
pub(crate) fn in_parallel<T, R>(
    tasks: Vec<T>,
    jobs: usize,
    work: fn(T, Receipt<R>),
    mut done: impl FnMut(&R) -> bool,
) -> Vec<R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let mut due = tasks.into_iter().enumerate();
    let mut goes_on = true;
    let mut running = BTreeSet::new();
    let mut all = BTreeMap::new();
    let (sender, results) = mpsc::channel();
    loop {
        while goes_on
            && running.len() < jobs
            && let Some((place, task)) = due.next()
        {
            running.insert(place);
            let sender = sender.clone();
            // A result is dropped if the pool has ended.
            let receipt = Arc::new(move |result| drop(sender.send((place, result))));
            thread::spawn(move || work(task, receipt));
        }
        if running.is_empty() {
            break;
        }
        let Ok((place, result)) = results.recv() else {
            break;
        };
        if running.remove(&place) {
            goes_on &= done(&result);
            all.insert(place, result);
        }
    }
    all.into_values().collect()
}
