//! Stage 2: a process for each client.
//!
//! *New*: `fork`, who closes what after it, and how the parent reaps its children.
//! *Carried over*: the echo, and the errors of accept, from stage 1.
//! *Cost*: a process for each client, with page tables of its own, and a `fork` for each arrival.

mod children;

use std::io;
use std::net::{TcpListener, TcpStream};

use nix::unistd::{ForkResult, fork};
use stage_01::{RateLimited, announce, echo};

pub use children::Children;

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Announces the listener's address, and serves each client in a process of its own.
///
/// The process must have a single thread: a lock that another thread holds at the moment of a `fork`
/// stays locked in the child forever (fork(2), pthread_atfork(3)).
///
/// # Errors
///
/// Returns the errors of [`Children::of`], and of [`Children::wait_for_client_or_child`].
pub fn run(listener: TcpListener) -> io::Result<()> {
    let mut children = Children::of(&listener)?;
    announce(&listener)?;
    loop {
        children.reap();
        let Some((client, address)) = children.wait_for_client_or_child(&listener)? else {
            continue;
        };
        // SAFETY: after a `fork` in a process of several threads, the child may only make
        // async-signal-safe calls (signal-safety(7)), because nothing ever releases the locks of
        // other threads in it. This process has one thread.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => live_as_child(listener, &client, &children),
            Ok(ForkResult::Parent { child }) => children.add(child, address),
            Err(error) => {
                TURNED_AWAY.report(format_args!("{address} turned away: no process: {error}"));
            }
        }
        // Here the parent closes its copy of the connection, which would keep it open otherwise.
    }
}

/// Serves one client, and exits. First the child closes the listener, which is its parent's: otherwise
/// the port would stay taken for as long as any client is connected.
fn live_as_child(listener: TcpListener, client: &TcpStream, children: &Children) -> ! {
    drop(listener);
    children.restore_signals();
    let _ = echo(client);
    // SAFETY: `exit` would run the parent's exit handlers, and write its buffers a second time.
    // `_exit` leaves at once, as a child must (fork(2)).
    unsafe { libc::_exit(0) }
}
