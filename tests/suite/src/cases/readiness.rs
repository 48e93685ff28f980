//! E12: readiness that is no longer true when it is acted on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::net::Socket;
use crate::{Call, Client, Server, Subject};

/// E12: the server is told that a connection is readable, and it is not when it reads. That is made
/// to happen: between the end of its wait and its read, the bytes are taken out of the socket.
pub fn e12_spurious_readiness(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"hello");
    let (hook, stolen) = thief(&server, &client);
    let tracer = server.trace_with(hook);
    client.send(b"stolen");
    let in_vain = |call: &Call| call.is_read() && call.result == -i64::from(libc::EAGAIN);
    let seen = tracer.wait_until(|calls| calls.iter().any(in_vain) && stolen.load(SeqCst) == 6);
    assert!(
        seen.is_ok(),
        "the server was told that there are bytes, and has not read: it made {} calls",
        tracer.calls().len()
    );
    drop(tracer);
    client.echo(b"and it goes on");
    assert!(server.is_alive(), "the server has ended");
}

/// Returns a hook that steals the bytes from the server's end of `client` when a wait has found them, and how
/// many it has stolen.
fn thief(
    server: &Server,
    client: &Client,
) -> (impl FnMut(&Call) + Send + 'static, Arc<AtomicUsize>) {
    let socket = Socket::of(server.process(), client.address());
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the server's socket"));
    let stolen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&stolen);
    let hook = move |call: &Call| {
        if call.is_wait() && call.result > 0 && count.load(SeqCst) == 0 {
            count.store(socket.take(), SeqCst);
        }
    };
    (hook, stolen)
}
