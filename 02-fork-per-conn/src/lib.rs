//! Stage 2: a process for each client.
//!
//! *New*: `fork`; who closes what after it; children that end are reaped, whenever that is.
//! *Carried over*: the echo, and letting a client in, from stage 1.
//! *Cost*: a process for each client, with page tables of its own, and a `fork` for each arrival.

mod children;

use std::io;
use std::net::{TcpListener, TcpStream};

use nix::unistd::{ForkResult, fork};
use stage_01::{Shortage, accept, announce, echo, report};

pub use children::{ChildSignal, Children};

/// Says where it listens, and serves each client in a process of its own.
///
/// The process must have a single thread: the lock that another thread holds at the moment of a
/// `fork` stays locked in the child for ever (fork(2), pthread_atfork(3)).
///
/// # Errors
///
/// When the listener is of no more use, or SIGCHLD cannot be set up.
pub fn run(listener: TcpListener) -> io::Result<()> {
    // While the kernel says that a client waits and until `accept` takes it, it may go away: a call
    // that blocked then would leave the dead children unreaped.
    listener.set_nonblocking(true)?;
    let child_signal = ChildSignal::block()?;
    announce(&listener)?;
    let mut children = Children::default();
    let mut shortage = Shortage::default();
    loop {
        children.reap();
        child_signal.or_readable(&listener)?;
        let Some((client, address)) = accept(&listener, &mut shortage)? else {
            continue;
        };
        // SAFETY: after a `fork` in a process of several threads, the child may only make
        // async-signal-safe calls (signal-safety(7)), as another thread's locks are never released
        // in it. `serve` keeps to them: close, sigprocmask, read, write and _exit.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => serve(listener, &client, &child_signal),
            Ok(ForkResult::Parent { child }) => children.add(child, address),
            Err(error) => report(format_args!("{address} turned away: no process: {error}")),
        }
        // Here the parent closes its copy of the connection, which would keep it open otherwise.
    }
}

/// The child's whole life. It closes the listener, which is its parent's: else the port would stay
/// taken for as long as any client is connected.
fn serve(listener: TcpListener, client: &TcpStream, child_signal: &ChildSignal) -> ! {
    drop(listener);
    child_signal.restore();
    let _ = echo(client);
    // SAFETY: `_exit` leaves at once, as a child must (fork(2)): `exit` would run the parent's exit
    // handlers and write its buffers a second time.
    unsafe { libc::_exit(0) }
}
