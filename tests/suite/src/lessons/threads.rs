//! Stage 3: a thread for each client.

use nix::sys::signal::Signal;

use crate::{Subject, eventually};

/// Checks that there is one process, with a thread for each client and one that accepts, which share the descriptors,
/// and that a thread ends with its client.
pub fn l03_one_process_many_threads(subject: &Subject) {
    let server = subject.start();
    let process = server.process();
    let descriptors = process.descriptor_count();
    let clients = server.crowd(20);
    assert_eq!(process.threads().len(), 1 + 20, "threads");
    assert_eq!(process.children().len(), 0, "children");
    assert_eq!(process.descriptor_count(), descriptors + 20, "descriptors");
    drop(clients);
    eventually("the threads of clients that have left to end", || {
        process.threads().len() == 1
    });
}

/// Checks that a fault in one thread ends all of them. SIGILL stands for the fault, because Rust's runtime handles
/// SIGSEGV and ignores one that no memory access caused.
pub fn l03_a_fault_ends_all(subject: &Subject) {
    let server = subject.start();
    let process = server.process();
    let before = process.threads();
    let (one, other) = (server.connect(), server.connect());
    one.echo(b"in");
    let mut threads = process.threads().into_iter();
    let its_thread = threads.find(|thread| !before.contains(thread));
    let its_thread =
        its_thread.unwrap_or_else(|| panic!("the server created no thread for a client"));
    other.echo(b"in");
    let sent = process.signal_thread(its_thread, Signal::SIGILL);
    assert_eq!(sent, Ok(()), "cannot send a signal to a thread");
    server.expect_death_by(Signal::SIGILL);
    one.expect_turned_away();
    other.expect_turned_away();
}
