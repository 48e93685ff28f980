//! E12: readiness that is out of date by the time the server acts on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::net::Socket;
use crate::{Call, Client, Server, Subject};

/// Checks E12: the server learns that a connection is readable, but it no longer is when the server reads. The case
/// takes the bytes out of the socket between the end of the wait and the read.
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
        "the server learnt that bytes had come, but did not read them: it made {} calls",
        tracer.calls().len()
    );
    drop(tracer);
    client.echo(b"and it goes on");
    assert!(server.is_alive(), "the server has ended");
}

/// Returns a hook that steals the bytes from the server's end of `client` once a wait has found them, and the count of
/// stolen bytes.
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
