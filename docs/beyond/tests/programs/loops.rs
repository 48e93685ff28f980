//! The loops of a server, from outside.

use suite::{Process, Server, eventually};

/// The threads of the loops: all but the first, which waits for the signal.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn loops(server: &Server) -> Vec<i32> {
    let threads = server.process().threads().into_iter();
    let first = server.process().pid();
    threads
        .filter(|thread| *thread != first)
        .map(|thread| thread.as_raw())
        .collect()
}

/// Waits until all threads of a server sleep.
pub(crate) fn sleeps(server: &Server) {
    let state = |thread: i32| Process::new(thread).state();
    let threads = || server.process().threads();
    eventually("all loops to sleep", || {
        threads().iter().all(|thread| state(thread.as_raw()) == 'S')
    });
}
