//! Work that is mostly waiting, done by several threads at once.

use std::sync::mpsc::{self, Sender};
use std::thread;

/// Takes the result of one task. The first counts: a task that was given up may come to an end after all.
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
    /// Hands in a result. Nobody takes it if the pool has ended.
    pub(crate) fn hand_in(&self, result: R) {
        let _ = self.sender.send((self.task, result));
    }
}

/// Does `work` for each of the tasks, `jobs` at a time, in their order, and hands each result to `done`, with the place of
/// its task, as soon as it is there. Begins no more when `done` returns false. A task that hangs after its result was
/// handed in holds up no other: its thread stays.
pub(crate) fn in_parallel<T, R>(
    tasks: Vec<T>,
    jobs: usize,
    work: fn(T, Receipt<R>),
    mut done: impl FnMut(usize, R) -> bool,
) where
    T: Send + 'static,
    R: Send + 'static,
{
    let mut due = tasks.into_iter().enumerate();
    let mut goes_on = true;
    let mut running: Vec<usize> = Vec::new();
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
            return;
        }
        let Ok((place, result)) = results.recv() else {
            return;
        };
        let Some(at) = running.iter().position(|task| *task == place) else {
            continue;
        };
        running.swap_remove(at);
        goes_on &= done(place, result);
    }
}
