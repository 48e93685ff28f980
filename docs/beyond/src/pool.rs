//! Stage 3 with a bound: as many threads as you say, and a queue in front of them.
//!
//! *New*: the threads are made at the start, and each serves one client after the other. Clients for whom
//! none is free wait in a queue; when that is full, they wait in the kernel's, and nothing is accepted.
//! *Carried over*: the echo, and letting a client in, from stage 1; the thread, from stage 3.
//! *Cost*: a worker sleeps with its client. As many silent clients as there are workers, and nobody else
//! is served.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use stage_01::{accept, announce, echo};

/// Makes `workers` threads, announces the listener's address, and hands each client to the next worker that
/// is free. At most `queue` clients wait for that in the program.
///
/// # Errors
///
/// Returns the errors of pthread_create(3) and [`announce`], and the fatal ones of [`accept`].
pub fn run(listener: TcpListener, workers: usize, queue: usize) -> io::Result<()> {
    let (to_workers, clients) = sync_channel(queue);
    let clients = Arc::new(Mutex::new(clients));
    for number in 1..=workers {
        let clients = Arc::clone(&clients);
        let builder = thread::Builder::new().name(format!("worker {number}"));
        let made = builder.spawn(move || work(&clients));
        made.map_err(|error| named(&error, &format!("no thread for worker {number}")))?;
    }
    // Only the workers can hear now: without any of them, `send` fails.
    drop(clients);
    announce(&listener)?;
    loop {
        let (client, _address) = accept(&listener)?;
        // Waits while the queue is full. Meanwhile clients connect, and wait in the listener's queue.
        if to_workers.send(client).is_err() {
            return Err(io::Error::other("no worker is left"));
        }
    }
}

/// Serves one client after the other.
fn work(clients: &Mutex<Receiver<TcpStream>>) {
    loop {
        // One worker waits for a client, and the others for the lock. It is released at the end of this
        // statement, before the client is served.
        let next = clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(client) = next else { return };
        // An error ends this connection only, and not the worker.
        let _ = echo(&client);
    }
}

fn named(error: &io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}
