//! One fault after the other is made, while the cases of those before it run.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::{Cases, Fault, Made, Workbench};

/// How many faults are tried at the same time: their cases wait most of the time, and the next one is being compiled.
const TRIED: usize = 3;

/// Makes each fault, for some of the cases, and does something with it. The first error ends it.
///
/// # Errors
///
/// Returns those of `action`, and of [`Workbench`].
pub fn for_each(
    faults: Vec<Fault>,
    cases: Cases,
    action: impl Fn(&Made, &Fault) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let mut workbench = Workbench::new(1)?;
    workbench.compile_judges(&faults, cases)?;
    let has_failed = AtomicBool::new(false);
    let try_each = |receiver: Arc<Mutex<Receiver<(Fault, Made)>>>| {
        let next = || {
            receiver
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv()
        };
        while let Ok((fault, made)) = next() {
            let tried = action(&made, &fault);
            has_failed.fetch_or(tried.is_err(), Relaxed);
            tried?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        // It holds one that waits, so that a program that judges does not wait for the compiler.
        let (sender, receiver) = sync_channel(1);
        let receiver = Arc::new(Mutex::new(receiver));
        let workers: Vec<_> = (0..TRIED)
            .map(|_| {
                let (try_each, receiver) = (&try_each, Arc::clone(&receiver));
                scope.spawn(move || try_each(receiver))
            })
            .collect();
        drop(receiver);
        let made_all = faults.into_iter().try_for_each(|fault| {
            if has_failed.load(Relaxed) {
                return Ok(());
            }
            let made = workbench.make(&fault, cases)?;
            // Nobody takes it if all of them have ended.
            let _ = sender.send((fault, made));
            Ok(())
        });
        drop(sender);
        let outcome = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let tried_all: anyhow::Result<()> = workers.into_iter().try_for_each(outcome);
        made_all.and(tried_all)
    })
}
