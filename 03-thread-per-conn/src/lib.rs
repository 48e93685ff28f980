//! Stage 3: a thread for each client.
//!
//! *New*: threads, which share one memory and one descriptor table: nothing is copied, nothing has
//! to be reaped, and no client is protected from another's fault.
//! *Carried over*: the echo, and letting a client in, from stage 1.
//! *Cost*: a stack and a kernel task for each client, and a switch between tasks for each echo.

use std::io;
use std::net::TcpListener;
use std::thread;

use stage_01::{RateLimited, accept, announce, echo};

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Announces the listener's address, and serves each client in a thread of its own.
///
/// # Errors
///
/// Returns the errors of [`announce`], and the fatal ones of [`accept`].
pub fn run(listener: TcpListener) -> io::Result<()> {
    announce(&listener)?;
    loop {
        let (client, address) = accept(&listener)?;
        // The thread owns its connection, and closes it as it ends. `thread::spawn` would panic when
        // no thread is available. The builder returns an error, and drops the closure with the
        // connection in it.
        let builder = thread::Builder::new().name(format!("client {}", address.port()));
        // Nobody waits for the thread's end.
        if let Err(error) = builder.spawn(move || echo(&client)) {
            TURNED_AWAY.report(format_args!("{address} turned away: no thread: {error}"));
        }
    }
}
