//! Stage 2: a process for each client.
//!
//! *New*: `fork`, and which process closes what after it. The parent *reaps* its children: it collects
//! the exit status of each, and until then a child that has ended stays a zombie.
//! *Carried over*: the echo, and letting a client in, from stage 1.
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
/// Returns the errors of [`Children::prepare`], [`announce`] and [`Children::wait_for_client_or_child`].
pub fn run(listener: TcpListener) -> io::Result<()> {
    // From here on the end of a child wakes the wait below, as a client does.
    let mut children = Children::prepare(&listener)?;
    announce(&listener)?;
    loop {
        children.reap();
        let Some((client, address)) = children.wait_for_client_or_child(&listener)? else {
            continue; // a child has ended
        };
        // SAFETY: in a process with several threads, the child could wait forever for a lock that
        // another thread held (signal-safety(7)). This process has one thread.
        match unsafe { fork() } {
            // The child takes the listener, and never comes back.
            Ok(ForkResult::Child) => live_as_child(listener, &client, &children),
            Ok(ForkResult::Parent { child }) => children.add(child, address),
            Err(error) => {
                TURNED_AWAY.report(format_args!("{address} turned away: no process: {error}"));
            }
        }
        // The parent's copy of the connection is dropped here: while it is open, the client never sees EOF.
    }
}

/// Serves one client, and exits. First the child closes the listener, which is its parent's: otherwise
/// the port would stay taken after the parent's end, while this client is connected.
fn live_as_child(listener: TcpListener, client: &TcpStream, children: &Children) -> ! {
    drop(listener);
    children.restore_signals();
    let _ = echo(client);
    // SAFETY: `exit` would run the parent's exit handlers, and write its buffers a second time.
    // `_exit` leaves at once, as a child must (fork(2)).
    unsafe { libc::_exit(0) }
}
