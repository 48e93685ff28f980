//! The executor: polls the tasks that were woken.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use stage_06::{Slab, Token};

use super::coop;

/// A future that nobody awaits: a client. An error ends this client only.
pub type Task = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// The tokens of tasks that were woken: stage 7's ready list.
type RunQueue = Arc<Mutex<Vec<Token>>>;

/// All tasks, and the run queue.
#[derive(Default)]
pub struct Executor {
    pub(super) tasks: Slab<Task>,
    run_queue: RunQueue,
}

impl Executor {
    /// Takes in a task, and puts it on the run queue: a future does nothing before it is polled.
    pub fn spawn(&mut self, future: impl Future<Output = io::Result<()>> + 'static) {
        let task = self.tasks.insert(Box::pin(future));
        lock(&self.run_queue).push(task);
    }

    /// Polls each task on the run queue once. One that is woken meanwhile has its turn after the next look at the kernel.
    pub fn poll_woken(&mut self) {
        let woken = mem::take(&mut *lock(&self.run_queue));
        for token in woken {
            let Some(task) = self.tasks.get_mut(token) else {
                continue;
            };
            let waker = Waker::from(Arc::new(Wakeup(token, Arc::clone(&self.run_queue))));
            let mut context = Context::from_waker(&waker);
            if coop::budget(|| task.as_mut().poll(&mut context)).is_ready() {
                self.tasks.remove(token);
            }
        }
    }

    /// Returns whether a task waits for its turn.
    pub fn has_work(&self) -> bool {
        !lock(&self.run_queue).is_empty()
    }
}

/// What is in a [`Waker`]: which task it wakes, and how.
///
/// A waker may be sent to another thread, so what is in it must be fit for that. A task need not be, because its waker
/// knows only its token.
struct Wakeup(Token, RunQueue);

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        lock(&self.1).push(self.0);
    }
}

fn lock(run_queue: &RunQueue) -> MutexGuard<'_, Vec<Token>> {
    run_queue.lock().unwrap_or_else(PoisonError::into_inner)
}
