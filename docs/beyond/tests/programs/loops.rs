//! The loops of a server, from outside.

use suite::{Server, eventually};

/// The threads of the loops: all but the first, which waits for the signal.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn loops(server: &Server) -> Vec<i32> {
    let threads = server.process().threads().into_iter();
    let others = threads.filter(|thread| *thread != server.process());
    others.map(|thread| thread.pid().as_raw()).collect()
}

/// Waits until all threads of a server sleep.
pub(crate) fn sleeps(server: &Server) {
    eventually("all loops to sleep", || {
        let threads = server.process().threads();
        threads.iter().all(|thread| thread.state() == 'S')
    });
}
