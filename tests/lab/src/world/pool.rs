//! Work that mostly waits, done by several threads at once.

use std::sync::mpsc::{self, Sender};
use std::thread;

/// Takes the result of one task. Only the first counts: a task that was given up may finish after all.
#[derive(Debug)]
pub(crate) struct Receipt<R> {
    task: usize,
    sender: Sender<(usize, R)>,
}

impl<R> Clone for Receipt<R> {
    fn clone(&self) -> Self {
        Self {
            task: self.task,
            sender: self.sender.clone(),
        }
    }
}

impl<R> Receipt<R> {
    /// Hands in a result. It is dropped if the pool has ended.
    pub(crate) fn hand_in(&self, result: R) {
        let _ = self.sender.send((self.task, result));
    }
}

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
    let mut running: Vec<usize> = Vec::new();
    let mut all: Vec<(usize, R)> = Vec::new();
    let (sender, results) = mpsc::channel();
    loop {
        while goes_on
            && running.len() < jobs
            && let Some((place, task)) = due.next()
        {
            running.push(place);
            let receipt = Receipt {
                task: place,
                sender: sender.clone(),
            };
            thread::spawn(move || work(task, receipt));
        }
        if running.is_empty() {
            break;
        }
        let Ok((place, result)) = results.recv() else {
            break;
        };
        if let Some(at) = running.iter().position(|task| *task == place) {
            running.swap_remove(at);
            goes_on &= done(&result);
            all.push((place, result));
        }
    }
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, result)| result).collect()
}
