//! A trace of a process that is under the suite's eyes already.

use std::sync::mpsc::{self, Receiver};

use super::{Call, Tracer};
use crate::Process;
use crate::words::with_remedy;

impl Process {
    /// Traces the system calls of the process, from now on.
    ///
    /// # Panics
    ///
    /// Panics if they cannot be traced, and says what helps.
    pub fn trace(self) -> Tracer {
        self.trace_with(|_| ())
    }

    /// Works like [`trace`](Self::trace), with a [hook](Tracer::attach_with).
    ///
    /// # Panics
    ///
    /// Panics if they cannot be traced, and says what helps.
    pub fn trace_with(self, hook: impl FnMut(&Call) + Send + 'static) -> Tracer {
        let tracer = Tracer::attach_with(self.pid().as_raw(), hook);
        tracer.unwrap_or_else(|error| panic!("cannot trace system calls: {}", with_remedy(&error)))
    }

    /// Works like [`trace`](Self::trace), and sends what `look` returns at the exit of each call, while the calling
    /// thread is stopped there. The receiver has all of it once the tracer has finished.
    ///
    /// # Panics
    ///
    /// Panics if they cannot be traced, and says what helps.
    pub fn watch_calls<T: Send + 'static>(
        self,
        mut look: impl FnMut(&Call) -> Option<T> + Send + 'static,
    ) -> (Tracer, Receiver<T>) {
        let (sender, seen) = mpsc::channel();
        let tracer = self.trace_with(move |call| {
            if let Some(what) = look(call) {
                let _ = sender.send(what); // fails if nobody listens any more
            }
        });
        (tracer, seen)
    }
}
